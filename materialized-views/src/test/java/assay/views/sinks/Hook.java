package assay.views.sinks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A webhook on the loopback interface, which answers as a test wants it to. */
final class Hook implements AutoCloseable {
  private final HttpServer server;
  private final ObjectMapper mapper = new ObjectMapper();
  private final List<JsonNode> taken = new ArrayList<>();
  private volatile int requests;
  private volatile int usual = 200;

  /** The next answers, before the usual one. */
  final Queue<Integer> answers = new ConcurrentLinkedQueue<>();

  Hook() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/s3cret";
  }

  void answerWith(int status) {
    usual = status;
  }

  int requests() {
    return requests;
  }

  /** {@code KEY VALUE} of all changes that were answered with 200 since the last call. */
  synchronized List<String> taken() {
    List<String> texts = new ArrayList<>();
    taken.forEach(change -> texts.add(change.get("key") + " " + change.get("value")));
    taken.clear();
    return texts;
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    JsonNode body = mapper.readTree(exchange.getRequestBody());
    Integer answer = answers.poll();
    int status = answer == null ? usual : answer;
    if (status == 200) {
      body.forEach(taken::add);
    }
    requests++;
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

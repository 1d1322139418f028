package assay.reconciliation.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A browser without a screen, steered by its own protocol (chromedevtools.github.io). It resolves
 * no name, and remembers what pages complain about and ask for.
 */
final class Chromium implements AutoCloseable {
  private static final long SECONDS = 30;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();

  private Chromium(Process process, String page) {
    this.process = process;
    this.socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(page), new Messages())
            .join();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      call(domain + ".enable", Map.of());
    }
  }

  /** Debian's, or another one on the PATH. */
  static Optional<Path> installed() {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(n -> Path.of(folder, n)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  static Chromium start(Path binary, Path profile) throws Exception {
    Process process =
        new ProcessBuilder(
                binary.toString(),
                "--headless=new",
                // Containers run as root and have no user namespaces; the pages are our own.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--no-first-run",
                "--hide-scrollbars",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .start();
    try {
      int port = port(process);
      HttpResponse<String> tabs =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      for (JsonNode tab : JSON.readTree(tabs.body())) {
        if (tab.path("type").asText().equals("page")) {
          return new Chromium(process, tab.path("webSocketDebuggerUrl").asText());
        }
      }
      throw new IOException("the browser has no page: " + tabs.body());
    } catch (Exception e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static int port(Process process) throws IOException {
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    StringBuilder said = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      int at = line.indexOf("ws://127.0.0.1:");
      if (at >= 0) {
        // Nobody reads on; the browser says little more, and a pipe holds it.
        return URI.create(line.substring(at).strip()).getPort();
      }
      said.append(line).append('\n');
    }
    throw new IOException("the browser did not start: " + said);
  }

  /** How the next page is looked at. */
  void look(int width, int height, String scheme) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 500));
    call(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  void open(Path file) throws Exception {
    complaints.clear();
    requests.clear();
    loaded = new CompletableFuture<>();
    call("Page.navigate", Map.of("url", file.toUri().toString()));
    loaded.get(SECONDS, TimeUnit.SECONDS);
  }

  /** The value of an expression of the page. */
  JsonNode evaluate(String expression) {
    JsonNode answer =
        call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    if (answer.has("exceptionDetails")) {
      throw new IllegalStateException(answer.path("exceptionDetails").toString());
    }
    return answer.path("result").path("value");
  }

  /** Presses a key, as {@code Tab} or {@code Enter}. */
  void press(String key) {
    Map<String, Object> event = new HashMap<>(Map.of("key", key, "code", key));
    event.put("windowsVirtualKeyCode", key.equals("Tab") ? 9 : 13);
    event.put("type", "keyDown");
    if (key.equals("Enter")) {
      event.put("text", "\r");
    }
    call("Input.dispatchKeyEvent", event);
    event.put("type", "keyUp");
    event.remove("text");
    call("Input.dispatchKeyEvent", event);
  }

  /** The whole page, as PNG. */
  byte[] screenshot() {
    JsonNode size =
        evaluate("[document.documentElement.clientWidth, document.documentElement.scrollHeight]");
    Map<String, Integer> clip =
        Map.of(
            "x",
            0,
            "y",
            0,
            "width",
            size.get(0).asInt(),
            "height",
            size.get(1).asInt(),
            "scale",
            1);
    JsonNode answer =
        call(
            "Page.captureScreenshot",
            Map.of("format", "png", "captureBeyondViewport", true, "clip", clip));
    return Base64.getDecoder().decode(answer.path("data").asText());
  }

  /** The page on paper, as PDF. */
  byte[] print() {
    JsonNode answer = call("Page.printToPDF", Map.of("printBackground", true));
    return Base64.getDecoder().decode(answer.path("data").asText());
  }

  /** Errors and warnings on the page's console, and violations of its policy. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  /** What the page asked for, itself included. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  private JsonNode call(String method, Map<String, ?> parameters) {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    try {
      socket
          .sendText(
              JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters)),
              true)
          .join();
      return answer.get(SECONDS, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException("the browser did not answer " + method, e);
    }
  }

  private void take(JsonNode message) {
    if (message.has("id")) {
      CompletableFuture<JsonNode> answer = answers.remove(message.path("id").asInt());
      if (message.has("error")) {
        answer.completeExceptionally(new IOException(message.path("error").toString()));
      } else {
        answer.complete(message.path("result"));
      }
      return;
    }
    JsonNode what = message.path("params");
    switch (message.path("method").asText()) {
      case "Page.loadEventFired" -> loaded.complete(null);
      case "Network.requestWillBeSent" -> requests.add(what.at("/request/url").asText());
      case "Runtime.exceptionThrown", "Log.entryAdded" -> complaints.add(what.toString());
      case "Runtime.consoleAPICalled" -> complaints.add(what.path("args").toString());
      default -> {}
    }
  }

  @Override
  public void close() {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      // Its folder is deleted next.
      process.waitFor(SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Messages implements WebSocket.Listener {
    private final StringBuilder part = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      part.append(data);
      if (last) {
        String message = part.toString();
        part.setLength(0);
        try {
          take(JSON.readTree(message));
        } catch (IOException e) {
          complaints.add("not JSON: " + message);
        }
      }
      from.request(1);
      return null;
    }
  }
}

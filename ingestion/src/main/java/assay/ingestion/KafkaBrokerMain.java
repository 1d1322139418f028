package assay.ingestion;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;

/**
 * What the broker's own JVM runs: formats the storage, starts the broker, and ends with the process
 * that started it. Knows Kafka by reflection only, as its class path is not the project's.
 */
final class KafkaBrokerMain {
  private KafkaBrokerMain() {}

  /**
   * Runs a broker until it is told to stop or its parent is gone.
   *
   * @param args the path of {@code server.properties}, and the cluster id to format with
   */
  public static void main(String[] args) throws ReflectiveOperationException {
    endWithParent(System.in);
    format(args[0], args[1]);
    call("kafka.Kafka", "main", new Class<?>[] {String[].class}, (Object) new String[] {args[0]});
  }

  /**
   * The parent holds the other end of standard input and never writes to it: it ends when the
   * parent does, also when the parent was killed and could run no hook.
   */
  private static void endWithParent(InputStream held) {
    Thread watch =
        new Thread(
            () -> {
              try {
                held.transferTo(OutputStream.nullOutputStream());
              } catch (IOException e) {
                System.out.println("standard input failed: " + e);
              }
              System.out.println("The process that started this broker is gone; stopping.");
              Runtime.getRuntime().halt(0);
            },
            "end-with-parent");
    watch.setDaemon(true);
    watch.start();
  }

  /** In this JVM, as starting another one for it takes longer than the formatting. */
  private static void format(String properties, String clusterId)
      throws ReflectiveOperationException {
    String[] arguments = {
      "format", "--ignore-formatted", "--cluster-id", clusterId, "--config", properties
    };
    Object code =
        call(
            "kafka.tools.StorageTool",
            "execute",
            new Class<?>[] {String[].class, PrintStream.class},
            arguments,
            System.out);
    if (!Integer.valueOf(0).equals(code)) {
      System.out.println("formatting the storage ended with " + code);
      System.exit(1);
    }
  }

  private static Object call(String type, String method, Class<?>[] parameters, Object... arguments)
      throws ReflectiveOperationException {
    try {
      return Class.forName(type).getMethod(method, parameters).invoke(null, arguments);
    } catch (InvocationTargetException e) {
      e.getCause().printStackTrace(System.out);
      System.exit(1);
      throw e;
    }
  }
}

package assay.core.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SinkMistakesTest {
  @TempDir Path folder;
  private ContractText contract;

  @BeforeEach
  void setUp() {
    contract = new ContractText(folder);
  }

  /** The sinks, whose first stands on line 23. */
  private static String withSinks(String sinks) {
    return ContractText.GOOD + "sinks:\n" + sinks.indent(2);
  }

  @Test
  void everyTargetIsRead() {
    Contract read =
        contract.read(
            withSinks(
                """
                late_orders: {of: late, kafka: orders-aside}
                bad_orders: {of: quarantined, kafka: orders-aside}
                by_day: {of: per_day, kafka: orders.per-day}
                by_hour: {of: per_day_windows, webhook: ORDERS_HOOK_URL}
                """));
    assertThat(read.sinks())
        .containsExactly(
            new Sink("late_orders", new Sink.SetAside("late"), new Sink.Topic("orders-aside")),
            new Sink(
                "bad_orders", new Sink.SetAside("quarantined"), new Sink.Topic("orders-aside")),
            new Sink("by_day", new Sink.View("per_day"), new Sink.Topic("orders.per-day")),
            new Sink(
                "by_hour", new Sink.View("per_day_windows"), new Sink.Webhook("ORDERS_HOOK_URL")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "a: {kafka: x}|3: `a` lacks the key `of`. Add for example `of: late`.",
        "a: {of: late, kafka: x, topic: y}|27: unknown key `topic`. Known here: `webhook`.",
        "a: {of: per_day, kafka: x y}|27: `kafka` must be the name of a Kafka topic (letters, digits, `.`, `_` and `-`, at most 249), not `x y`. Write for example `flights-late`.",
        "a: {of: per_dya, kafka: x}|11: there is no live view `per_dya`. Did you mean `per_day`?",
        "a: {of: counted, kafka: x}|11: there is no live view `counted`. Known here: `late`, `duplicate`, `quarantined`, `per_day`, `per_day_windows`.",
        "a: {of: late}|3: `a` has no target. Add for example `kafka: flights-late` or `webhook: FLIGHTS_HOOK_URL`.",
        "a: {of: per_day, kafka: x, webhook: Y}|3: `a` has two targets. Remove one of them, and write a second sink for it.",
        "a: {of: per_day, kafka: orders}|27: `orders` is the topic that the domain reads: what is sent would come in again. Choose another topic.",
        "a: {of: late, webhook: HOOK}|26: rows that were set aside are bytes, which a webhook does not take. Write `kafka: TOPIC` instead."
      })
  void aSinkIsOfSomethingThatTheStreamMakesAndHasOneTarget(String sink, String mistake) {
    assertThat(contract.mistakes(withSinks(sink))).containsExactly("23:" + mistake);
  }

  @Test
  void anAddressInAContractIsRefusedAndNotShown() {
    assertThat(contract.mistakes(withSinks("a: {of: per_day, webhook: 'https://x/s3cret'}")))
        .containsExactly(
            "23:29: `webhook` must be the name of an environment variable that holds the address."
                + " Write for example `FLIGHTS_HOOK_URL`.");
  }

  @Test
  void keysOfTwoViewsDoNotMeetInOneTopic() {
    assertThat(
            contract.mistakes(
                withSinks("a: {of: per_day, kafka: x}\nb: {of: per_day_windows, kafka: x}")))
        .containsExactly(
            "24:35: `a` sends to `x` too, and keys of both may be equal. Choose another topic.");
  }

  @Test
  void whatOnlyBatchComputesIsNotSent() {
    String batchOnly =
        withSinks("a: {of: per_day, kafka: x}\nb: {of: late, kafka: y}")
            .replace("    live: {window: 1 hour}\n", "");
    assertThat(contract.mistakes(batchOnly))
        .containsExactly(
            "22:11: the stream does not keep `per_day`. Add `live:` to that metric set.",
            "23:11: the stream keeps no live view, and so sets no row aside. Add `live:` to a"
                + " metric set.");
  }

  @Test
  void aSinkIsNoPartOfWhatTheTablesMean() {
    String hash = contract.read(ContractText.GOOD).hash();
    assertThat(contract.read(withSinks("a: {of: per_day, kafka: x}")).hash()).isEqualTo(hash);
  }
}

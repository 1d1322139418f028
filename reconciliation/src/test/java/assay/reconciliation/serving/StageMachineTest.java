package assay.reconciliation.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.core.AssayException;
import assay.core.ErrorCode;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Every change in every order, and every forbidden one refused, as {@link StageModel} has it. */
class StageMachineTest {

  @Property(tries = 3000)
  void everyChangeIsAsTheModelHasIt(
      @ForAll("shares") List<Integer> shares, @ForAll("moves") List<StageModel.Move> moves) {
    StageMachine machine = new StageMachine("route_day", shares);
    StageModel model = new StageModel(shares);
    Position position = Position.FIRST;
    for (StageModel.Move move : moves) {
      Position from = position;
      if (model.apply(move)) {
        position = StageModel.apply(machine, from, move);
      } else {
        assertThatThrownBy(() -> StageModel.apply(machine, from, move))
            .isInstanceOfSatisfying(
                AssayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE));
      }
      model.assertIs(position);
    }
  }

  @Provide
  Arbitrary<List<Integer>> shares() {
    return Arbitraries.of(List.of(), List.of(10), List.of(10, 50), List.of(1, 2, 99));
  }

  @Provide
  Arbitrary<List<StageModel.Move>> moves() {
    return Arbitraries.of(StageModel.Move.class).list().ofMaxSize(25);
  }

  /** Where shares were taken out of the contract meanwhile, the next one is a larger one. */
  @Property(tries = 200)
  void aStepForwardIsNeverToFewerConsumers(
      @ForAll("shares") List<Integer> before, @ForAll("shares") List<Integer> after) {
    Position first = new StageMachine("route_day", before).next(Position.FIRST).orElseThrow();
    Optional<Position> second = new StageMachine("route_day", after).next(first);
    assertThat(second.isEmpty()).isEqualTo(first.stage() == Stage.PRIMARY);
    second.ifPresent(position -> assertThat(position.share()).isGreaterThan(first.share()));
  }
}

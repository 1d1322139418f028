package assay.core.contract;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.contract.TypeChange.Kind;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.delta.TypeWidening;
import org.apache.spark.sql.types.AtomicType;
import org.apache.spark.sql.types.DataType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypeChangeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "int           | int           | SAME",
        "decimal(10,2) | decimal(10,2) | SAME",
        "int           | bigint        | WIDENS",
        "bigint        | int           | INCOMPATIBLE",
        "smallint      | int           | WIDENS",
        "float         | double        | WIDENS",
        "double        | float         | INCOMPATIBLE",
        "int           | float         | INCOMPATIBLE",
        "int           | double        | WIDENS",
        "bigint        | double        | INCOMPATIBLE",
        "int           | decimal(10,0) | WIDENS",
        "int           | decimal(12,2) | WIDENS",
        "int           | decimal(11,2) | INCOMPATIBLE",
        "tinyint       | decimal(9,0)  | INCOMPATIBLE",
        "bigint        | decimal(20,0) | WIDENS",
        "bigint        | decimal(19,0) | INCOMPATIBLE",
        "decimal(10,2) | decimal(12,2) | WIDENS",
        "decimal(10,2) | decimal(12,4) | WIDENS",
        "decimal(10,2) | decimal(11,4) | INCOMPATIBLE",
        "decimal(10,2) | decimal(12,1) | INCOMPATIBLE",
        "decimal(10,2) | double        | INCOMPATIBLE",
        "int           | string        | INCOMPATIBLE",
        "string        | int           | INCOMPATIBLE",
        "date          | timestamp     | INCOMPATIBLE",
        "boolean       | int           | INCOMPATIBLE"
      })
  void aTypeWidensWhereNoValueIsLost(String from, String to, Kind kind) {
    assertThat(TypeChange.of(DataType.fromDDL(from), DataType.fromDDL(to))).isEqualTo(kind);
  }

  @Test
  void whatWidensIsWhatDeltaChangesInPlace() {
    List<DataType> types =
        List.of("tinyint,smallint,int,bigint,float,double,boolean,date,timestamp,string".split(","))
            .stream()
            .map(DataType::fromDDL)
            .toList();
    List<DataType> decimals =
        List.of("1,0 9,0 10,0 11,2 12,2 19,0 20,0 22,2 27,10 38,18".split(" ")).stream()
            .map(digits -> DataType.fromDDL("decimal(" + digits + ")"))
            .toList();
    List<DataType> all = Stream.concat(types.stream(), decimals.stream()).toList();
    for (DataType from : all) {
      for (DataType to : all) {
        boolean inPlace = TypeWidening.isTypeChangeSupported((AtomicType) from, (AtomicType) to);
        assertThat(TypeChange.of(from, to) != Kind.INCOMPATIBLE)
            .as(from.sql() + " to " + to.sql())
            .isEqualTo(inPlace);
      }
    }
  }
}

package assay.core.rows;

import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.objects.Invoke;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.types.AbstractDataType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.ObjectType;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Columns that call a public method of a Java object out of generated code, as Spark makes its own
 * functions of Java methods: a UDF would copy each row twice.
 */
public final class JavaCall {
  private JavaCall() {}

  /** A call that the engine may make as often as it likes. The method never returns NULL. */
  public static Column of(Object target, String method, DataType returns, Column... arguments) {
    return call(target, method, returns, true, arguments);
  }

  /**
   * A call that is made once a row, however often the column is read, which the engine only
   * promises for what may give different answers.
   */
  public static Column onceARow(
      Object target, String method, DataType returns, Column... arguments) {
    return call(target, method, returns, false, arguments);
  }

  private static Column call(
      Object target, String method, DataType returns, boolean anyTimes, Column... arguments) {
    Expression object = Literal.fromObject(target, new ObjectType(target.getClass()));
    List<Expression> expressions = Stream.of(arguments).map(ExpressionUtils::expression).toList();
    Seq<Expression> all = CollectionConverters.asScala(expressions).toSeq();
    Seq<AbstractDataType> noTypes =
        CollectionConverters.asScala(List.<AbstractDataType>of()).toSeq();
    return ExpressionUtils.column(
        new Invoke(object, method, returns, all, noTypes, false, false, anyTimes));
  }
}

# Assay for spark-submit. The class path is the one that the tests ran with: Spark's own jars are
# taken out of the base image, which lends its scripts, its user and its Java.
ARG MAVEN_IMAGE=maven:3.9-eclipse-temurin-17
ARG SPARK_IMAGE=apache/spark:4.2.0-scala2.13-java17-ubuntu

FROM ${MAVEN_IMAGE} AS build
WORKDIR /build
COPY . .
RUN mvn -q -B -ntp -DskipTests -Dspotless.check.skip=true -pl cli -am package \
 && mkdir /jars \
 && cp cli/target/cli.jar /jars/ \
 && tr ':' '\n' <cli/target/classpath | xargs -I{} cp {} /jars/

FROM ${SPARK_IMAGE}
USER root
RUN rm -f /opt/spark/jars/*
COPY --from=build /jars/ /opt/spark/jars/
USER 185
WORKDIR /tmp
ENTRYPOINT ["/opt/spark/bin/spark-submit"]

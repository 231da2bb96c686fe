# The portal, and as a target of its own the lab's neighbours:
#   docker build -t partner-tls-portal .
#   docker build -t partner-tls-portal-neighbours --target neighbours .

FROM eclipse-temurin:25-jdk AS build
WORKDIR /build
COPY .mvn .mvn
COPY mvnw pom.xml ./
# A layer of its own, so that a change of the source does not fetch everything again.
RUN ./mvnw -B -q dependency:go-offline
COPY .editorconfig ./
COPY db db
COPY src/main/java src/main/java
COPY src/main/resources src/main/resources
COPY src/test src/test
RUN ./mvnw -B -q -DskipTests package \
 && java -Djarmode=tools -jar target/partner-tls-portal-*.jar extract --layers --destination target/layers \
 && mv target/layers/application/partner-tls-portal-*.jar target/layers/application/portal.jar
# What the neighbours need beside their classes; not the browser's driver nor a second PostgreSQL.
RUN ./mvnw -B -q dependency:copy-dependencies -DincludeScope=test -DoutputDirectory=target/libraries \
      -DexcludeGroupIds=com.microsoft.playwright,io.zonky.test.postgres

FROM eclipse-temurin:25-jre AS neighbours
RUN groupadd --system --gid 10001 portal \
 && useradd --system --uid 10001 --gid portal --home-dir /neighbours --shell /usr/sbin/nologin portal
WORKDIR /neighbours
COPY --from=build /build/target/libraries libraries
COPY --from=build /build/target/classes classes
COPY --from=build /build/target/test-classes test-classes
# Owned before it is a volume: a new volume takes owner and mode from here.
RUN mkdir -m 700 home && chown portal:portal home
USER portal
ENV LAB_HOME=/neighbours/home
# The pages are the last to start; after them the settings for a portal are written.
HEALTHCHECK --interval=5s --timeout=3s --start-period=90s --retries=3 \
  CMD ["bash", "-c", "[[ -s home/portal.properties ]] && exec 3<>/dev/tcp/127.0.0.1/$LAB_PORT_PAGES && printf 'GET / HTTP/1.0\\r\\nHost: localhost:%s\\r\\n\\r\\n' $LAB_PORT_PAGES >&3 && read -r -t 2 answer <&3 && [[ $answer == 'HTTP/'*' 200'* ]]"]
ENTRYPOINT ["java", "-cp", "classes:test-classes:libraries/*", "lab.Lab", "neighbours-only"]

FROM eclipse-temurin:25-jre AS portal
RUN groupadd --system --gid 10001 portal \
 && useradd --system --uid 10001 --gid portal --home-dir /portal --shell /usr/sbin/nologin portal
WORKDIR /portal
COPY --from=build /build/target/layers/dependencies/ ./
COPY --from=build /build/target/layers/spring-boot-loader/ ./
COPY --from=build /build/target/layers/snapshot-dependencies/ ./
COPY --from=build /build/target/layers/application/ ./
COPY src/main/docker/aot-training.yaml /tmp/
# A run that fails writes a cache all the same: its exit code decides, so nothing may stand behind it.
RUN java -XX:+UseSerialGC -XX:+UseCompactObjectHeaders -XX:AOTCacheOutput=portal.aot -Dspring.context.exit=onRefresh -jar portal.jar \
      --spring.config.additional-location=file:/tmp/aot-training.yaml
USER portal
EXPOSE 8080
# Plain bash, as the image has no HTTP client.
HEALTHCHECK --interval=5s --timeout=3s --start-period=90s --retries=3 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${PORT:-8080} && printf 'GET /actuator/health HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r -t 2 answer <&3 && [[ $answer == 'HTTP/'*' 200'* ]]"]
# For a machine of two cores the serial collector leaves the most for the work: a TLS check costs a fifth less. Beside
# its heap the portal takes about 280 MB; glibc would keep more for each thread, and what the compiler has used.
ENV MALLOC_ARENA_MAX=2
ENTRYPOINT ["java", "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-XX:AOTCache=portal.aot", "-XX:MaxRAMPercentage=60", "-XX:TrimNativeHeapInterval=10000", "-jar", "portal.jar"]

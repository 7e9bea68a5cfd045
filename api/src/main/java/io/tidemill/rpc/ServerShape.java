package io.tidemill.rpc;

import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a server's services expect of their callers.
 *
 * @param messageBytesMax the longest message
 * @param streamed the paths of the methods whose clients send many messages
 */
record ServerShape(int messageBytesMax, Set<String> streamed) {
  static ServerShape of(int messageBytesMax, Collection<ServerServiceDefinition> services) {
    return new ServerShape(
        messageBytesMax,
        services.stream()
            .flatMap(service -> service.getMethods().stream())
            .map(ServerMethodDefinition::getMethodDescriptor)
            .filter(method -> !method.getType().clientSendsOneMessage())
            .map(method -> "/" + method.getFullMethodName())
            .collect(Collectors.toSet()));
  }

  boolean isStreamed(CharSequence path) {
    return path != null && streamed.contains(path.toString());
  }
}

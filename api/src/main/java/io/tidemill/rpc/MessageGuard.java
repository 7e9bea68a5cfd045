package io.tidemill.rpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * Reads requests, and refuses before it makes objects of them those that would become very many:
 * two bytes on the wire can stand for a message of a hundred in memory.
 */
final class MessageGuard<T extends Message> implements PrototypeMarshaller<T> {
  /** Ten thousand tasks of ten fields each, and some. */
  static final int FIELDS_MAX = 128 * 1_024;

  /** What a field becomes in memory, about. */
  private static final int BYTES_PER_FIELD = 64;

  /** Within so many bytes there is no room for too many fields. */
  private static final int BYTES_SMALL = 2 * FIELDS_MAX;

  private static final int DEPTH_MAX = 32;

  private final PrototypeMarshaller<T> marshaller;
  private final boolean weighs;

  private MessageGuard(PrototypeMarshaller<T> marshaller, boolean weighs) {
    this.marshaller = marshaller;
    this.weighs = weighs;
  }

  /** The same service, whose requests are read like this. */
  static ServerServiceDefinition guard(ServerServiceDefinition service) {
    ServiceDescriptor before = service.getServiceDescriptor();
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(before.getName())
            .setSchemaDescriptor(before.getSchemaDescriptor());
    var methods = service.getMethods().stream().map(MessageGuard::guard).toList();
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder guarded = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(guarded::addMethod);
    return guarded.build();
  }

  private static <Q, A> ServerMethodDefinition<Q, A> guard(ServerMethodDefinition<Q, A> method) {
    MethodDescriptor<Q, A> descriptor = method.getMethodDescriptor();
    MethodDescriptor<Q, A> guarded =
        descriptor.toBuilder()
            .setRequestMarshaller(
                guard(
                    descriptor.getRequestMarshaller(),
                    descriptor.getType().clientSendsOneMessage()))
            .build();
    return ServerMethodDefinition.create(guarded, method.getServerCallHandler());
  }

  @SuppressWarnings("unchecked") // The prototype's class is the marshaller's.
  private static <Q> Marshaller<Q> guard(Marshaller<Q> marshaller, boolean weighs) {
    if (marshaller instanceof PrototypeMarshaller<Q> typed
        && typed.getMessagePrototype() instanceof Message) {
      return (Marshaller<Q>) new MessageGuard<>((PrototypeMarshaller<Message>) typed, weighs);
    }
    return marshaller;
  }

  @Override
  public InputStream stream(T message) {
    return marshaller.stream(message);
  }

  @Override
  public T getMessagePrototype() {
    return marshaller.getMessagePrototype();
  }

  @Override
  public Class<T> getMessageClass() {
    return marshaller.getMessageClass();
  }

  /**
   * A message that cannot be read ends its call by {@link IncomingCall#refuse}, and {@link
   * CallGuard} hands on nothing of it: an exception would be logged at length, as often as a peer
   * likes.
   */
  @Override
  public T parse(InputStream stream) {
    IncomingCall call = IncomingCall.current();
    try {
      return read(stream, call);
    } catch (IOException malformed) {
      return refuse(call, malformed(malformed));
    } catch (StatusRuntimeException refused) {
      return refuse(call, refused);
    }
  }

  private T read(InputStream stream, IncomingCall call) throws IOException {
    boolean known = stream instanceof KnownLength;
    byte[] bytes = known ? stream.readNBytes(stream.available()) : stream.readAllBytes();
    if (weighs || !known || bytes.length > BYTES_SMALL) {
      int fields = count(bytes);
      if (weighs && call != null) {
        call.weigh((long) fields * BYTES_PER_FIELD + (known ? 0 : bytes.length));
      }
    }
    return parsed(bytes);
  }

  /**
   * Out of an array, which protobuf reads fastest, and whose payloads stay where they are: nobody
   * else has it, and no message is kept in part.
   */
  @SuppressWarnings("unchecked") // The prototype's parser makes messages of its type.
  private T parsed(byte[] bytes) throws IOException {
    CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
    in.enableAliasing(true);
    T message = (T) getMessagePrototype().getParserForType().parseFrom(in);
    in.checkLastTagWas(0);
    return message;
  }

  private T refuse(IncomingCall call, StatusRuntimeException why) {
    if (call == null) {
      throw why;
    }
    call.refuse(why);
    return getMessagePrototype();
  }

  private static StatusRuntimeException malformed(IOException why) {
    return RpcErrors.of(
        Status.Code.INVALID_ARGUMENT,
        "REQUEST_MALFORMED",
        "the request is not a message of this service: "
            + why.getMessage()
            + "; see the .proto files",
        Map.of());
  }

  /** Descriptors take long to build: a server that starts can do without. */
  private int count(byte[] bytes) throws IOException {
    Descriptor type = getMessagePrototype().getDescriptorForType();
    return FIELDS_MAX - left(type, CodedInputStream.newInstance(bytes), FIELDS_MAX, DEPTH_MAX);
  }

  /** How many fields there may still be behind a message. */
  private static int left(Descriptor type, CodedInputStream in, int allowed, int depth)
      throws IOException {
    int left = allowed;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (--left < 0) {
        throw tooMany();
      }
      FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      boolean nested =
          field != null
              && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
              && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
      if (!nested) {
        if (!in.skipField(tag)) {
          throw new InvalidProtocolBufferException("a group ends that did not begin");
        }
      } else if (depth == 0) {
        throw new InvalidProtocolBufferException("messages stand too deep within messages");
      } else {
        int before = in.pushLimit(in.readRawVarint32());
        left = left(field.getMessageType(), in, left, depth - 1);
        in.popLimit(before);
      }
    }
    return left;
  }

  private static StatusRuntimeException tooMany() {
    return RpcErrors.of(
        Status.Code.RESOURCE_EXHAUSTED,
        "REQUEST_TOO_COMPLEX",
        "the request has too many fields: limit=" + FIELDS_MAX + "; send it in several",
        Map.of("limit", Integer.toString(FIELDS_MAX)));
  }
}

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;

/**
 * A bank. Outrider hands over an account's past and a command; the answer is what happened. Nothing is stored here.
 * Try it: outrider run -- examples/bank/java/run.sh
 */
final class BankServer {
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Server server =
        NettyServerBuilder.forAddress(address("OUTRIDER_LOGIC_ADDRESS", "127.0.0.1:1737"))
            .addListenAddress(address("OUTRIDER_PROJECTOR_ADDRESS", "127.0.0.1:1738"))
            .addService(new BusinessLogic())
            .addService(new Projector())
            .build()
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server))); // SIGTERM runs it
    System.out.println("the bank is open");
    server.awaitTermination();
  }

  /** Finishes the calls under way. */
  private static void end(Server server) {
    try {
      server.shutdown().awaitTermination();
    } catch (InterruptedException interrupted) {
      server.shutdownNow();
    }
  }

  /** Where the variable says. Netty serves Unix sockets, too, with a native library that Debian does not have. */
  private static InetSocketAddress address(String variable, String otherwise) {
    URI address = URI.create("tcp://" + System.getenv().getOrDefault(variable, otherwise));
    if (address.getPort() < 0) throw new IllegalArgumentException(variable + " is not host:port");
    return new InetSocketAddress(address.getHost(), address.getPort());
  }
}

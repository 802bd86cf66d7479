import bank.AccountOpened;
import bank.Balance;
import bank.CashWithdrawn;
import bank.DepositReceived;
import bank.WithdrawalRefused;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import evented.EventBook;
import evented.EventPage;
import evented.Projection;
import evented.ProjectorGrpc.ProjectorImplBase;
import io.grpc.stub.StreamObserver;

/**
 * Keeps every account's balance, as a projection that anyone can ask Outrider for.
 *
 * <p>An event book carries the projection that was answered last and the events since, so nothing is stored here.
 */
final class Projector extends ProjectorImplBase {
  @Override
  public void handleSync(EventBook book, StreamObserver<Projection> observer) {
    try {
      observer.onNext(Projection.newBuilder().setProjection(Any.pack(balance(book))).build());
      observer.onCompleted();
    } catch (InvalidProtocolBufferException failure) {
      observer.onError(failure);
    }
  }

  private static Balance balance(EventBook book) throws InvalidProtocolBufferException {
    Balance.Builder balance = Balance.newBuilder();
    Any last = book.getProjection().getProjection();
    if (last.is(Balance.class)) balance.mergeFrom(last.unpack(Balance.class));
    for (EventPage page : book.getPagesList()) add(balance, page.getEvent());
    return balance.build();
  }

  private static void add(Balance.Builder balance, Any event) throws InvalidProtocolBufferException {
    if (event.is(AccountOpened.class)) {
      balance.setOwner(event.unpack(AccountOpened.class).getOwner());
    } else if (event.is(DepositReceived.class)) {
      balance.setCents(balance.getCents() + event.unpack(DepositReceived.class).getCents());
    } else if (event.is(CashWithdrawn.class)) {
      balance.setCents(balance.getCents() - event.unpack(CashWithdrawn.class).getCents());
    } else if (event.is(WithdrawalRefused.class)) {
      balance.setRefusedWithdrawals(balance.getRefusedWithdrawals() + 1);
    }
  }
}

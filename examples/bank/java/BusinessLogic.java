import bank.Account;
import bank.AccountOpened;
import bank.CashWithdrawn;
import bank.DepositReceived;
import bank.OpenAccount;
import bank.ReceiveDeposit;
import bank.WithdrawCash;
import bank.WithdrawalRefused;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import evented.BusinessLogicGrpc.BusinessLogicImplBase;
import evented.CommandBook;
import evented.CommandPage;
import evented.ContextualCommand;
import evented.EventBook;
import evented.EventPage;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;

/** Decides what a command does to an account. */
final class BusinessLogic extends BusinessLogicImplBase {
  private static final int SNAPSHOT_EVERY = 100; // events

  @Override
  public void handle(ContextualCommand request, StreamObserver<EventBook> observer) {
    try {
      observer.onNext(handle(request.getEvents(), request.getCommand()));
      observer.onCompleted();
    } catch (InvalidProtocolBufferException | StatusRuntimeException failure) {
      observer.onError(failure);
    }
  }

  private static EventBook handle(EventBook past, CommandBook command) throws InvalidProtocolBufferException {
    Account.Builder account = Account.newBuilder(); // the state,
    int seen = 0; // and how many events it includes
    if (past.hasSnapshot()) {
      account.mergeFrom(past.getSnapshot().getState().unpack(Account.class));
      seen = past.getSnapshot().getSequence() + 1;
    }
    for (EventPage page : past.getPagesList()) {
      apply(account, page.getEvent());
      seen++;
    }

    EventBook.Builder answer = EventBook.newBuilder().setCover(command.getCover());
    for (CommandPage page : command.getPagesList()) {
      Any event = Any.pack(decide(account, page.getCommand()));
      apply(account, event);
      answer.addPagesBuilder().setEvent(event).setSynchronous(page.getSynchronous());
    }

    if (past.getPagesCount() >= SNAPSHOT_EVERY) {
      int last = seen + answer.getPagesCount() - 1; // the last event that the state includes
      answer.getSnapshotBuilder().setSequence(last).setState(Any.pack(account.build()));
    }
    return answer.build();
  }

  /** What a command does: the account's state and the command in, an event out. */
  private static Message decide(Account.Builder account, Any command) throws InvalidProtocolBufferException {
    if (command.is(OpenAccount.class)) return decide(account, command.unpack(OpenAccount.class));
    if (command.is(ReceiveDeposit.class)) return decide(account, command.unpack(ReceiveDeposit.class));
    if (command.is(WithdrawCash.class)) return decide(account, command.unpack(WithdrawCash.class));
    throw unknown(command);
  }

  private static Message decide(Account.Builder account, OpenAccount command) {
    if (account.getOpen()) throw refused(Status.FAILED_PRECONDITION, "the account is open already");
    return AccountOpened.newBuilder().setOwner(command.getOwner()).build();
  }

  private static Message decide(Account.Builder account, ReceiveDeposit command) {
    check(account, command.getCents());
    return DepositReceived.newBuilder().setCents(command.getCents()).build();
  }

  private static Message decide(Account.Builder account, WithdrawCash command) {
    check(account, command.getCents());
    if (command.getCents() > account.getCents()) {
      return WithdrawalRefused.newBuilder().setCents(command.getCents()).setReason("the balance is too low").build();
    }
    return CashWithdrawn.newBuilder().setCents(command.getCents()).build();
  }

  private static void check(Account.Builder account, long cents) {
    if (!account.getOpen()) throw refused(Status.FAILED_PRECONDITION, "there is no such account");
    if (cents <= 0) throw refused(Status.INVALID_ARGUMENT, "cents must be positive, not " + cents);
  }

  /** What an event does to the account's state. */
  private static void apply(Account.Builder account, Any event) throws InvalidProtocolBufferException {
    if (event.is(AccountOpened.class)) {
      account.setOpen(true).setOwner(event.unpack(AccountOpened.class).getOwner());
    } else if (event.is(DepositReceived.class)) {
      account.setCents(account.getCents() + event.unpack(DepositReceived.class).getCents());
    } else if (event.is(CashWithdrawn.class)) {
      account.setCents(account.getCents() - event.unpack(CashWithdrawn.class).getCents());
    } else if (!event.is(WithdrawalRefused.class)) {
      throw unknown(event);
    }
  }

  private static StatusRuntimeException unknown(Any packed) {
    String url = packed.getTypeUrl();
    return refused(Status.INVALID_ARGUMENT, "a bank knows no " + url.substring(url.lastIndexOf('/') + 1));
  }

  private static StatusRuntimeException refused(Status status, String message) {
    return status.withDescription(message).asRuntimeException();
  }
}

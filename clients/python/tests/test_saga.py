"""Sagas and their scenarios, without a server."""

from datetime import timedelta
from uuid import UUID

import outrider
import pytest
import transfer_pb2
from bank_pb2 import AccountOpened, CashWithdrawn, DepositReceived, ReceiveDeposit, WithdrawCash
from outrider import Code
from outrider.testing import CancelTimer, Finish, Send, SetTimer, appended, fired, happened, refused, saga
from transfer_pb2 import CompleteTransfer, FailTransfer, TransferStarted
from transfers import Transfers

PAYER, PAYEE, TRANSFER = UUID(int=7), UUID(int=8), UUID(int=9)
STARTED = happened(
    TransferStarted(payer=PAYER.bytes, payee=PAYEE.bytes, cents=5), domain="transfer", root=TRANSFER)
TAKEN = appended(WithdrawCash(cents=5), CashWithdrawn(cents=5), root=PAYER)


def test_money_goes_from_payer_to_payee() -> None:
    transfer = saga(Transfers).given(STARTED)
    transfer.when(TAKEN).then(Send("bank", PAYEE, ReceiveDeposit(cents=5)))
    transfer.when(appended(ReceiveDeposit(cents=5), DepositReceived(cents=5), root=PAYEE))
    transfer.then(Send("transfer", TRANSFER, CompleteTransfer()), Finish())


def test_refused_withdrawal_fails_the_transfer() -> None:
    refusal = refused(WithdrawCash(cents=5), Code.FAILED_PRECONDITION, "the balance is too low", root=PAYER)
    saga(Transfers).given(STARTED).when(refusal).then(
        Send("transfer", TRANSFER, FailTransfer(reason="the balance is too low")), Finish())


def test_money_goes_back_where_it_took_too_long() -> None:
    transfer = saga(Transfers).given(STARTED, fired("patience"))
    transfer.then().then_state(transfer_pb2.Transfer(
        root=TRANSFER.bytes, payer=PAYER.bytes, payee=PAYEE.bytes, cents=5, failure="it took too long"))
    transfer.when(TAKEN).then(Send("bank", PAYER, ReceiveDeposit(cents=5)))


def test_what_does_not_concern_the_saga_leads_to_nothing() -> None:
    for given in (AccountOpened(), fired("unknown"), appended(AccountOpened())):
        saga(Transfers).when(given).then()


def test_saga_without_state_is_a_dispatcher() -> None:
    class Bonus(outrider.Saga):
        @outrider.on
        def pay(self, opened: AccountOpened, event: outrider.Event) -> None:
            self.send(event.domain, event.root, ReceiveDeposit(cents=1))
            self.cancel_timer("bonus")
            self.set_timer("bonus", timedelta(days=365))

    saga(Bonus).when(happened(AccountOpened(), domain="bank", root=PAYER)).then(
        Send("bank", PAYER, ReceiveDeposit(cents=1)), SetTimer("bonus", timedelta(days=365)), CancelTimer("bonus"))
    with pytest.raises(AssertionError, match="expected: nothing"):
        saga(Bonus).when(AccountOpened()).then()

"""What must hold of orders in the end, worked out from the logs alone."""

import uuid
from collections import Counter, defaultdict

from proofs import proof
from watch import wait_for

IN_ORDER = [["OrderCreated", "OrderApproved"], ["OrderCreated", "OrderRejected"]]
RECENT = 50  # orders in a customer's document
REASONS = {"CreditLimitExceeded": "the credit limit is exceeded", "CustomerUnknown": "there is no such customer"}


def prove_orders(shop, log, history, mails, load, pool):
    """Ends the process at the first claim that does not hold."""
    orders, customers = log.orders(), log.customers()
    prove_ends(load, orders)
    prove_credit(log, load, orders, customers)
    prove_services(shop, orders, customers, pool)
    prove_history(shop, history, orders, customers, pool)
    prove_mails(mails, orders, customers)


def prove_ends(load, orders):
    proof(
        "every order that was placed was created once, and ended once",
        [f"order {key}: {orders[key].kinds if key in orders else 'is not there'}"
         for key in load.placed.keys() | orders.keys()
         if key not in orders or orders[key].kinds not in IN_ORDER
         or load.placed.get(key) != (orders[key].customer, orders[key].cents)],
        f"{len(orders)} orders, {load.refused} refused before they were created")


def prove_credit(log, load, orders, customers):
    answers = defaultdict(list)
    for customer in customers.values():
        for key, facts in customer.answers.items():
            answers[key] += [fact.kind for fact in facts]
    proof(
        "every order has asked for credit once",
        [f"order {key}: {answers[key]}" for key in orders.keys() | answers.keys() if len(answers[key]) != 1])
    proof(
        "every answer is right: reserved as long as the limit allows it",
        [wrong for root in customers for wrong in wrong_answers(root, log, load.customers.get(root), orders)],
        f"{len(load.customers)} customers, {sum(each.reserved for each in customers.values()) / 100:,.2f} reserved")
    proof(
        "every order ended as its customer answered",
        [f"order {key}: {answers[key]}, but {order.state} {order.reason}" for key, order in orders.items()
         if (order.state, order.reason) != end_after(answers[key][0])])
    stored = Counter(id for domain in log.facts for id in {
        (fact.root, fact.position): fact.book.command_id for fact in log.read(domain)}.values())
    proof(
        "no command is in the logs twice",
        [f"command {id}: {count} times" for id, count in stored.items() if count != 1], f"{len(stored)} commits")


def wrong_answers(root, log, limit, orders):
    reserved = 0
    for fact in (fact for fact in log.read("customer") if fact.root == root and fact.kind != "CustomerCreated"):
        order = uuid.UUID(bytes=fact.event.order)
        cents = orders[order].cents
        if limit is None:
            right = "CustomerUnknown"
        else:
            right = "CreditReserved" if reserved + cents <= limit else "CreditLimitExceeded"
        reserved += cents if right == "CreditReserved" else 0
        if fact.kind != right or orders[order].customer != root:
            yield f"customer {root}, event {fact.sequence}: {fact.kind} for order {order}"


def end_after(answer):
    return ("APPROVED", "") if answer == "CreditReserved" else ("REJECTED", REASONS[answer])


def prove_services(shop, orders, customers, pool):
    def is_wrong_order(key):
        order = orders[key]
        right = {"orderId": str(key), "customerId": str(order.customer), "state": order.state,
                 "orderTotal": money(order.cents)} | ({"reason": order.reason} if order.reason else {})
        return shop.ask("GET", "orders", f"/orders/{key}") != (200, right)

    def is_wrong_customer(key):
        customer = customers[key]
        status, found = shop.ask("GET", "customers", f"/customers/{key}")
        if not customer.name:
            return status != 404
        return (status, found) != (200, {
            "customerId": str(key), "name": customer.name, "email": customer.email,
            "creditLimit": money(customer.limit), "money": money(customer.limit - customer.reserved)})

    proof(
        "the services of orders and customers say what the logs say",
        [f"order {key}" for key in those(is_wrong_order, orders, pool)]
        + [f"customer {key}" for key in those(is_wrong_customer, customers, pool)])


def prove_history(shop, history, orders, customers, pool):
    right, found = documents_of(orders, customers), history.documents()
    proof(
        "every document of the order history is what the logs amount to",
        [f"{key}: {found.get(key)}, not {right.get(key)}" for key in right.keys() | found.keys()
         if found.get(key) != right.get(key)],
        f"{len(found)} documents")

    def is_wrong(key):
        status, answer = shop.ask("GET", "history", f"/customers/{key}")
        document = right["customerView", str(key)]
        if not customers[key].name:
            return status != 404
        shown = [(each["id"], {"state": each["state"], "orderTotal": money(each["totalCents"])})
                 for each in document["orders"]]
        return (answer["id"], answer["name"], list(answer["orders"].items())) != (str(key), document["name"], shown)

    proof(
        "the order history shows them",
        [f"customer {key}" for key in those(is_wrong, customers, pool)], f"{len(customers)} customers")


def documents_of(orders, customers):
    """As they should be in MongoDB."""
    documents, by_customer = {}, defaultdict(list)
    for key, order in orders.items():
        facts = {"state": order.state, "totalCents": order.cents, "sequence": order.sequence}
        documents["orderView", str(key)] = {"_id": str(key)} | facts
        created = order.at.replace(microsecond=order.at.microsecond // 1000 * 1000)
        by_customer[order.customer].append({"id": str(key), "createdAt": created} | facts)
    for key, customer in customers.items():
        recent = sorted(by_customer[key], key=lambda each: (each["createdAt"], each["id"]), reverse=True)[:RECENT]
        known = {"name": customer.name, "creditLimitCents": customer.limit} if customer.name else {}
        documents["customerView", str(key)] = {"_id": str(key), "orders": recent} | known
    return documents


def prove_mails(mails, orders, customers):
    came = mails.by_id()
    right = {f"<order.{key}.{order.sequence}@shop.example>": order
             for key, order in orders.items() if order.state == "APPROVED"}
    proof(
        "every approved order has its mail, and no other has one",
        [f"{id}: {'is missing' if id in right else 'is too much'}" for id in right.keys() ^ came.keys()],
        f"{len(came)} mails")
    proof(
        "every mail went to the order's customer",
        [id for id, order in right.items() if f"To: {customers[order.customer].email}\r\n".encode() not in came[id][0]])
    proof(
        "a mail that was sent again is the same to the byte",
        [id for id, copies in came.items() if len(set(copies)) > 1],
        f"{len(mails.mails) - len(came)} were")


def prove_repeats(log, history, mails):
    documents, count = history.documents(), len(mails.mails)
    log.repeat()
    wait_for("every event is handled again", lambda: not log.unhandled())
    now = history.documents()
    proof(
        "when every event comes again, no document changes",
        [f"{key}: {now.get(key)}, not {document}" for key, document in documents.items() if now.get(key) != document],
        f"{sum(len(log.read(domain)) for domain in log.facts)} events")
    proof("and no mail is sent", [f"{len(mails.mails) - count} were"] if len(mails.mails) != count else [])


def those(is_wrong, keys, pool):
    keys = list(keys)
    return [key for key, wrong in zip(keys, pool.map(is_wrong, keys)) if wrong]


def money(cents):
    return {"amount": cents / 100}

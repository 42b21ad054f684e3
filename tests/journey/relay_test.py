#!/usr/bin/env python3
"""The phone relay: the store's link is down, the shopper's phone has another, and a ticket brings the centre's word to one
till, once. A right that was fetched and not used comes back by that till's log, and by nothing else."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402
from shop import Clerk  # noqa: E402

MASK = "scan 9520000010072"


def fetch(world, coupon, challenge, request, **more):
    """What the phone does between two scans."""
    return world.phone("POST", "/v1/coupons/relay",
                       {"code": coupon, "challenge": challenge, "request_id": request, **more})["ticket"]


def refused(line, name):
    assert not line["ok"] and line["error"]["name"] == name, line


def effective(line):
    assert line["ok"] and all(coupon["effective"] for coupon in line["sale"]["coupons"]), line


def spent(world):
    return world.figures(world.campaign)["spent"]


def a_till_without_a_link_takes_a_ticket_that_a_phone_fetched(world):
    till, coupon = world.tills[0], world.claim(world.campaign)
    picture = os.path.join(world.folder, "challenge.png")
    world.cut()
    with Clerk(world, till, "--online") as clerk:
        clerk.step(MASK)
        refused(clerk.step(f"coupon {coupon}"), "COUPON_ONLINE")
        challenge = clerk.step(f"relay {picture}")["challenge"]
        seen = world.counterfoil("decode", "--json", picture)
        assert challenge in str(seen), seen  # what a phone's camera reads
        world.used = fetch(world, coupon, challenge, "one")
        assert fetch(world, coupon, challenge, "one") == world.used
        effective(clerk.step(f"coupon {world.used}"))
        assert clerk.step("tender cash due")["sold"]["total_minor"] == 3591
    assert spent(world) == 1
    world.coupon = coupon


def the_ticket_shown_again_is_refused_by_name(world):
    with Clerk(world, world.tills[0]) as clerk:
        clerk.step(MASK)
        refused(clerk.step(f"coupon {world.used}"), "TICKET_CHALLENGE")
        challenge = clerk.step("relay")["challenge"]
        refused(clerk.step(f"coupon {world.used}"), "TICKET_CHALLENGE")
        shop.refused(lambda: fetch(world, world.coupon, challenge, "again"), "COUPON_SPENT")
        clerk.step("cancel")


def the_other_till_of_the_store_refuses_it_by_name(world):
    with Clerk(world, world.tills[1]) as other, Clerk(world, world.tills[0]) as clerk:
        other.step(MASK)
        clerk.step(MASK)
        refused(other.step(f"coupon {world.used}"), "TICKET_TILL")
        ticket = fetch(world, world.claim(world.campaign), clerk.step("relay")["challenge"], "other till")
        refused(other.step(f"coupon {ticket}"), "TICKET_TILL")
        effective(clerk.step(f"coupon {ticket}"))
        assert clerk.step("tender card due A1")["ok"]
        other.step("cancel")


def one_nonce_takes_one_right(world):
    first, second = world.claim(world.campaign), world.claim(world.campaign)
    before = spent(world)
    with Clerk(world, world.tills[0]) as clerk:
        clerk.step(MASK)
        challenge = clerk.step("relay")["challenge"]
        ticket = fetch(world, first, challenge, "nonce 1")
        shop.refused(lambda: fetch(world, second, challenge, "nonce 2"), "COUPON_REQUEST")
        shop.refused(lambda: fetch(world, first, clerk.step("relay")["challenge"], "nonce 3"), "COUPON_SPENT")
        assert spent(world) == before + 1
        effective(clerk.step(f"coupon {ticket}"))
        assert clerk.step("tender cash due")["ok"]


def a_member_s_ticket_is_for_that_member(world):
    owner, other = world.join_member("Lin Mei"), world.join_member("Wang Fang")
    coupon = world.claim(world.campaign, member=owner["member"])
    with Clerk(world, world.tills[1]) as clerk:
        clerk.step(MASK)
        challenge = clerk.step("relay")["challenge"]
        shop.refused(lambda: fetch(world, coupon, challenge, "member 1"), "MEMBER_REQUIRED")
        shop.refused(lambda: fetch(world, coupon, challenge, "member 2", member=other["member"]), "MEMBER_OTHER")
        ticket = fetch(world, coupon, challenge, "member 3", member=owner["member"])
        refused(clerk.step(f"coupon {ticket}"), "MEMBER_REQUIRED")
        assert clerk.step(f"member {world.member_code(other)}")["ok"]
        refused(clerk.step(f"coupon {ticket}"), "MEMBER_OTHER")
        clerk.step("cancel")
    world.late = (coupon, owner["member"])


def a_cancelled_sale_gives_the_right_back_with_the_next_sync(world):
    coupon, unused = world.claim(world.campaign), world.claim(world.campaign)
    before = spent(world)
    with Clerk(world, world.tills[0]) as clerk:
        clerk.step(MASK)
        effective(clerk.step(f"coupon {fetch(world, coupon, clerk.step('relay')['challenge'], 'cancelled')}"))
        fetch(world, unused, clerk.step("relay")["challenge"], "never shown")
        clerk.step("cancel")
    assert spent(world) == before + 2
    shop.refused(lambda: world.redeem(coupon, "too early"), "COUPON_SPENT")
    world.join()
    assert not world.sync(world.tills[0])["results"]
    assert spent(world) == before
    world.redeem(coupon, "given back 1")
    world.redeem(unused, "given back 2")
    world.sync(world.tills[1])
    world.redeem(world.late[0], "given back 3", member=world.late[1])
    world.cut()


def a_kill_loses_neither_the_challenge_nor_the_ticket(world):
    till, coupon = world.tills[0], world.claim(world.campaign)
    clerk = Clerk(world, till)
    clerk.step(MASK)
    challenge = clerk.step("relay")["challenge"]
    clerk.process.kill()
    clerk.process.wait()
    ticket = fetch(world, coupon, challenge, "killed")
    clerk = Clerk(world, till)
    effective(clerk.step(f"coupon {ticket}"))
    clerk.process.kill()
    clerk.process.wait()
    with Clerk(world, till) as clerk:
        refused(clerk.step(f"coupon {ticket}"), "TICKET_CHALLENGE")
        assert clerk.step("tender cash due")["sold"]["total_minor"] == 3591


def what_was_sold_is_counted_once_when_the_link_is_back(world):
    before = spent(world)
    world.join()
    for till in world.tills:
        assert not world.sync(till)["results"]
    assert spent(world) == before
    figures = world.figures(world.campaign)
    assert figures["over"] == 0 and figures["free"] + figures["spent"] == 50, figures
    world.quiet()
    health = world.api("GET", "/v1/health")
    assert health["requests_that_do_not_add_up"] == 0, health
    for till in world.tills:
        assert world.counterfoil("journal", "verify", "--json", "--dir", till)[0]["ok"]


def what_a_till_had_asked_for_before_it_was_enrolled_again_stays_taken(world):
    till, coupon = world.tills[1], world.claim(world.campaign)
    clerk = Clerk(world, till)
    clerk.step(MASK)
    challenge = clerk.step("relay")["challenge"]
    fetch(world, coupon, challenge, "before")
    clerk.process.kill()
    clerk.process.wait()
    code = world.api("POST", "/v1/terminals", {"terminal": world.terminal(till)})["enrol_code"]
    world.counterfoil("enrol", "--json", "--dir", till, "--centre", f"{world.centre_host()}:{world.api_port}",
                      "--leave-unsent", code)
    world.sync(till)
    shop.refused(lambda: fetch(world, world.claim(world.campaign), challenge, "after"), "TICKET_CHALLENGE")
    shop.refused(lambda: world.redeem(coupon, "stranded"), "COUPON_SPENT")
    with Clerk(world, till) as clerk:
        clerk.step(MASK)
        shop.refused(lambda: fetch(world, coupon, clerk.step("relay")["challenge"], "stranded"), "COUPON_SPENT")
        clerk.step("cancel")
    world.sync(till)
    shop.refused(lambda: world.redeem(coupon, "stranded 2"), "COUPON_SPENT")


with shop.open() as the_world:
    the_world.tills = [the_world.till("Till 1"), the_world.till("Till 2")]
    the_world.campaign = the_world.launch("Ask", policy="online_only", budget=50)
    for each in the_world.tills:
        the_world.sync(each)
    journey.run([
        a_till_without_a_link_takes_a_ticket_that_a_phone_fetched,
        the_ticket_shown_again_is_refused_by_name,
        the_other_till_of_the_store_refuses_it_by_name,
        one_nonce_takes_one_right,
        a_member_s_ticket_is_for_that_member,
        a_cancelled_sale_gives_the_right_back_with_the_next_sync,
        a_kill_loses_neither_the_challenge_nor_the_ticket,
        what_was_sold_is_counted_once_when_the_link_is_back,
        what_a_till_had_asked_for_before_it_was_enrolled_again_stays_taken,
    ], the_world)

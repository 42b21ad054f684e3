#!/usr/bin/env python3
"""A till that was cloned, put back from a backup, or enrolled again; and a pinned coupon that its home gives up. After each,
every redemption is shown again and must be refused by name."""
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import journey  # noqa: E402
import shop  # noqa: E402


def offer(world, till, coupon, *options):
    """One sale with one coupon: "ok", or why it was refused (the sale is then cancelled)."""
    lines = world.sell(till, ["scan 9520000010072", f"coupon {coupon}"], *options, check=False)
    verdict = [line for line in lines if "verb" in line][-1]
    name = "ok" if verdict["ok"] else verdict["error"]["name"]
    world.sell(till, ["tender cash due" if name == "ok" else "cancel"])
    return name


def expect(got, *wanted):
    assert got in wanted, f"{got}, not {' or '.join(wanted)}"


def online(world, coupon, request):
    try:
        world.redeem(coupon, request)
        return "ok"
    except shop.Refused as refusal:
        return refusal.name


def states(world, till):
    return {one["epoch"]: one["state"] for one in world.report(till)["epochs"]}


def alarms(world):
    return {one["name"] for one in world.api("GET", "/v1/alarms")["alarms"]}


def adds_up(world, campaign):
    figures = world.figures(campaign)
    parts = sum(figures[name] for name in ("free", "outstanding", "spent", "stranded"))
    assert parts == figures["budget"] + figures["over"] and figures["over"] == 0, figures
    return figures


def replayed(world, coupons, tills, request):
    """Each redemption again, at each till and online."""
    for number, coupon in enumerate(coupons):
        for till in tills:
            expect(offer(world, till, coupon), "COUPON_SPENT", "QUARANTINED")
        expect(online(world, coupon, f"{request} again {number}"), "COUPON_SPENT")


def put_back(till, backup):
    """The folder as it was: of the same machine, so the file beside it stays."""
    shutil.rmtree(till)
    shutil.copytree(backup, till)


def a_cloned_till_is_fenced_at_its_first_contact(world):
    campaign = world.launch("Cloned", budget=60, lease_per_terminal=5)
    till, witness = world.till("Clone A"), world.till("Clone W")
    clone = shop.copy_of(till, "clone-b")
    coupons = [world.claim(campaign) for _ in range(4)]
    world.cut()
    expect(offer(world, till, coupons[0]), "ok")
    expect(offer(world, till, coupons[1]), "ok")
    expect(offer(world, clone, coupons[2]), "ok")  # one unspent lease a copy: what remains
    world.join()
    assert not world.sync(till)["fenced"]
    shop.refused(lambda: world.sync(clone), "FORK")  # its first record, that of its start, differs
    assert states(world, till) == {1: "fenced"}, states(world, till)
    assert alarms(world) & {"FORK", "INCARNATION"}
    expect(offer(world, clone, coupons[3]), "QUARANTINED")
    assert world.sync(till)["fenced"]
    expect(offer(world, till, coupons[3]), "QUARANTINED")
    adds_up(world, campaign)
    world.sync(witness)
    replayed(world, coupons[:2], [till, clone, witness], "cloned")
    expect(offer(world, clone, coupons[2]), "COUPON_SPENT")


def a_copied_folder_is_in_quarantine_before_any_contact(world):
    campaign = world.launch("Copied", budget=60, lease_per_terminal=5)
    till = world.till("Copied")
    coupons = [world.claim(campaign) for _ in range(3)]
    world.cut()
    expect(offer(world, till, coupons[0]), "ok")
    copy = shop.copy_of(till, "copied-2", incarnation=False)
    lines = world.sell(copy, ["scan 9520000010072", f"coupon {coupons[1]}", "tender cash due"], check=False)
    assert lines[0]["event"] == "quarantined" and "enrolled again" in lines[0]["what_to_do"], lines[0]
    assert lines[2]["error"]["name"] == "QUARANTINED" and "sold" in lines[3], lines
    expect(offer(world, till, coupons[1]), "ok")  # the one that sold last goes on
    world.join()
    assert not world.sync(till)["fenced"]
    replayed(world, coupons[:2], [till], "copied")
    adds_up(world, campaign)


def a_restored_till_is_in_quarantine_at_once(world):
    campaign = world.launch("Restored", budget=60, lease_per_terminal=5)
    till = world.till("Restored")
    coupons = [world.claim(campaign) for _ in range(5)]
    expect(offer(world, till, coupons[0]), "ok")
    world.sync(till)
    backup = shop.copy_of(till, "restored-backup", incarnation=False)
    world.cut()
    expect(offer(world, till, coupons[1]), "ok")
    expect(offer(world, till, coupons[2]), "ok")
    put_back(till, backup)
    for _ in range(2):  # and after a restart
        expect(offer(world, till, coupons[1]), "QUARANTINED")  # it does not know that it spent it
        expect(offer(world, till, coupons[3]), "QUARANTINED")
    world.join()
    assert world.sync(till)["fenced"]  # its own record says so
    assert states(world, till) == {1: "fenced"}, states(world, till)
    assert "QUARANTINED" in alarms(world)
    assert adds_up(world, campaign)["spent"] == 1  # what was lost with the newer journal stays stranded
    replayed(world, coupons[:1], [till], "restored")


def a_restored_image_is_fenced_at_its_first_contact(world):
    campaign = world.launch("Image", budget=60, lease_per_terminal=5)
    till = world.till("Image")
    coupons = [world.claim(campaign) for _ in range(4)]
    expect(offer(world, till, coupons[0]), "ok")
    world.sync(till)
    image = shop.copy_of(till, "image-backup")
    expect(offer(world, till, coupons[1]), "ok")
    world.sync(till)
    shutil.rmtree(till)
    shutil.copytree(image, till)
    shutil.copy(image + ".incarnation", till + ".incarnation")
    # Nothing of this machine remembers. The centre does: it heard from a later start, and before anything new is sold.
    refusal = shop.refused(lambda: world.sync(till), "FORK")
    assert refusal.name == "FORK", refusal
    assert states(world, till) == {1: "fenced"} and "INCARNATION" in alarms(world), states(world, till)
    expect(offer(world, till, coupons[2]), "QUARANTINED")
    shop.refused(lambda: world.sync(till), "FORK")  # its next start is a second history
    replayed(world, coupons[:2], [till], "image")
    adds_up(world, campaign)


def enrolling_again_is_the_way_out_and_strands_the_old_epoch(world):
    campaign = world.launch("Enrolled", budget=60, lease_per_terminal=5)
    till = world.till("Enrolled")
    coupons = [world.claim(campaign) for _ in range(4)]
    world.cut()
    expect(offer(world, till, coupons[0]), "ok")
    world.join()
    world.sync(till)
    os.remove(till + ".incarnation")
    expect(offer(world, till, coupons[1]), "QUARANTINED")
    world.sync(till)
    old = shop.copy_of(till, "enrolled-old")
    code = world.api("POST", "/v1/terminals", {"terminal": world.terminal(till)})["enrol_code"]
    enrolled = world.counterfoil("enrol", "--json", "--dir", till, "--centre", f"{world.centre_host()}:{world.api_port}",
                                 code)[0]
    assert enrolled["epoch"] == 2, enrolled
    world.sync(till)
    figures = adds_up(world, campaign)
    assert figures["stranded"] == 4 and figures["spent"] == 1, figures
    world.cut()
    expect(offer(world, till, coupons[1]), "ok")
    world.join()
    assert not world.sync(till)["fenced"]
    assert states(world, till)[2] == "active", states(world, till)
    expect(offer(world, old, coupons[2]), "QUARANTINED")
    replayed(world, coupons[:2], [till, old], "enrolled")
    assert adds_up(world, campaign)["spent"] == 2


def what_is_pinned_to_a_till_is_good_in_one_epoch_of_it(world):
    """A machine is given up for lost, another is enrolled in its place; the lost one is somewhere, and sells on."""
    store = world.api("POST", "/v1/stores", {"name": "Lost", "currency": "CNY", "tax_inclusive": True,
                                             "utc_offset_min": 480})["store"]
    world.put_products(store)
    till, campaign = world.till("Lost lane", store=store), world.launch("Lost", policy="pinned", budget=6)
    world.sync(till)
    before = [world.claim(campaign, pin_store=store) for _ in range(3)]
    expect(offer(world, till, before[0]), "ok")
    world.sync(till)
    lost = shop.copy_of(till, "lost-machine")
    shutil.rmtree(till)
    code = world.api("POST", "/v1/terminals", {"terminal": world.terminal(till)})["enrol_code"]
    enrolled = world.counterfoil("enrol", "--json", "--dir", till, "--centre", f"{world.centre_host()}:{world.api_port}",
                                 code)[0]
    assert enrolled["epoch"] == 2, enrolled
    world.sync(till)
    claimed = world.api("POST", "/v1/coupons/claim", {"campaign": campaign, "pin_store": store})
    assert (claimed["home"], claimed["home_epoch"]) == (world.terminal(till), 2), claimed
    since = claimed["code"]
    decoded = [world.counterfoil("code", "inspect", "--json", one)[0] for one in (before[1], since)]
    assert [(one["home"], one["home_epoch"]) for one in decoded] == [(world.terminal(till), 1), (world.terminal(till), 2)]
    world.cut()  # what the lost machine does now nobody hears
    expect(offer(world, lost, since), "COUPON_HOME_NEWER")
    expect(offer(world, lost, before[1]), "ok")  # which it was claimed for
    expect(offer(world, till, before[0]), "COUPON_SPENT")  # that was heard of
    expect(offer(world, till, before[1]), "COUPON_HOME_LOST")  # and nobody can tell the one from the other
    expect(offer(world, till, before[2]), "COUPON_HOME_LOST")
    expect(offer(world, till, since), "ok")
    expect(offer(world, lost, since), "COUPON_HOME_NEWER")
    world.join()
    shop.refused(lambda: world.counterfoil("release", "--json", "--dir", till, before[2]), "COUPON_HOME")
    shop.refused(lambda: world.api("POST", "/v1/coupons/pin", {"code": before[2], "store": store}), "COUPON_GENERATION")
    assert world.sync(lost)["fenced"]  # it came back after all, and its sale counts
    world.sync(till)
    for one in (before[0], before[1], since):
        expect(offer(world, till, one), "COUPON_SPENT")
        expect(offer(world, lost, one), "COUPON_SPENT", "COUPON_HOME_NEWER", "QUARANTINED")
    for one in (before[0], before[1], since):
        expect(online(world, one, "lost " + one[-8:]), "COUPON_SPENT")
    figures = adds_up(world, campaign)
    assert (figures["spent"], figures["stranded"]) == (3, 1), figures


def a_pinned_coupon_is_given_up_by_its_home_and_used_elsewhere(world):
    second = world.api("POST", "/v1/stores", {"name": "Second", "currency": "CNY", "tax_inclusive": True,
                                              "utc_offset_min": 480})["store"]
    first = world.api("POST", "/v1/stores", {"name": "First", "currency": "CNY", "tax_inclusive": True,
                                             "utc_offset_min": 480})["store"]
    for store in (first, second):
        world.put_products(store)
    home, other = world.till("Home lane", store=first), world.till("Other lane", store=second)
    campaign = world.launch("Pinned", policy="pinned", budget=5)
    for till in (home, other):
        world.sync(till)
    coupon = world.claim(campaign, pin_store=first)
    expect(offer(world, other, coupon), "COUPON_HOME")
    shop.refused(lambda: world.api("POST", "/v1/coupons/pin", {"code": coupon, "store": second}), "STATE")
    shop.refused(lambda: world.counterfoil("release", "--json", "--dir", other, coupon), "COUPON_HOME")
    given_up = world.counterfoil("release", "--json", "--dir", home, coupon)[0]
    assert given_up["campaign"] == campaign, given_up
    expect(offer(world, home, coupon), "COUPON_GENERATION")  # at once, before the centre knows
    shop.refused(lambda: world.counterfoil("release", "--json", "--dir", home, coupon), "COUPON_GENERATION")
    shop.refused(lambda: world.api("POST", "/v1/coupons/pin", {"code": coupon, "store": second}), "STATE")
    assert not world.sync(home)["results"]
    moved = world.api("POST", "/v1/coupons/pin", {"code": coupon, "store": second})["code"]
    for till in (home, other):
        world.sync(till)
    expect(offer(world, home, moved), "COUPON_HOME")
    expect(offer(world, home, coupon), "COUPON_GENERATION")
    expect(offer(world, other, moved), "ok")
    world.sync(other)
    expect(offer(world, other, moved), "COUPON_SPENT")
    expect(offer(world, other, coupon), "COUPON_SPENT", "COUPON_HOME")
    expect(online(world, moved, "moved again"), "COUPON_SPENT")
    shop.refused(lambda: world.counterfoil("release", "--json", "--dir", other, moved), "COUPON_SPENT")
    figures = adds_up(world, campaign)
    assert figures["spent"] == 1 and figures["free"] == 4, figures


with shop.open() as opened:
    journey.run([a_cloned_till_is_fenced_at_its_first_contact, a_copied_folder_is_in_quarantine_before_any_contact,
                 a_restored_till_is_in_quarantine_at_once, a_restored_image_is_fenced_at_its_first_contact,
                 enrolling_again_is_the_way_out_and_strands_the_old_epoch,
                 what_is_pinned_to_a_till_is_good_in_one_epoch_of_it,
                 a_pinned_coupon_is_given_up_by_its_home_and_used_elsewhere], opened)

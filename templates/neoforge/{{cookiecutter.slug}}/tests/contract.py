"""The contract of every entity: what must hold for its records, whatever they are.

What is right is taken from `Facts`, never from the product's own description, so that a fault there is seen.
"""

import ast
import datetime
import json
from decimal import Decimal, DecimalException
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import quote

from app.core.resource import Resource
from app.registry.resources import by_name
from tests.acceptance import is_same
from tests.facts import Facts, FieldFact, StepFact
from tests.people import Person, World

NOBODY = 999_999_999
NONSENSE: dict[str, Any] = {
    "text": "",
    "long_text": "",
    "integer": "many",
    "decimal": "much",
    "money": "cheap",
    "boolean": "perhaps",
    "date": "someday",
    "datetime": "once",
    "enum": "no such value",
    "email": "nobody",
    "url": "somewhere",
    "phone": "call me",
    "file": "../secret",
    "geo_point": "nowhere",
    "ref": NOBODY,
    "refs": [NOBODY],
}
LIMIT = 2


class EntityContract:
    """Everything that must hold for the records of one entity."""

    facts: ClassVar[Facts]

    @property
    def resource(self) -> Resource:
        """How the product describes the entity."""
        return by_name(self.facts.entity)

    # Records through the API.

    def test_a_record_is_created_read_changed_and_deleted(self, world: World) -> None:
        keeper = world.keeper()
        values = world.filled(self.facts.entity, keeper, everything=True)
        created = keeper.send("POST", self.facts.api, values)
        assert created.status_code == 201, created.text
        path = created.headers["Location"]
        self.check_values(values, keeper.send("GET", path).json())

        changed = world.filled(self.facts.entity, keeper, everything=True)
        answer = keeper.send("PATCH", path, changed)
        assert answer.status_code == 200, answer.text
        self.check_values(changed, keeper.send("GET", path).json())

        assert keeper.send("DELETE", path).status_code == 204
        for method in ("GET", "PATCH", "DELETE"):
            assert keeper.send(method, path, {}).status_code == 404

    def check_values(self, sent: dict[str, Any], got: dict[str, Any]) -> None:
        """Every value comes back as it was sent."""
        for name, value in sent.items():
            described = self.resource.find(name)
            assert described is not None
            assert is_same(described, got[name], value), f"{name}: {got[name]!r}, not {value!r}"

    def test_a_change_leaves_other_values_alone(self, world: World) -> None:
        keeper = world.keeper()
        values = world.filled(self.facts.entity, keeper, everything=True)
        key = self.create(keeper, values)["id"]
        for name, value in values.items():
            answer = keeper.send("PATCH", f"{self.facts.api}/{key}", {name: value})
            assert answer.status_code == 200, answer.text
            self.check_values(values, answer.json())

    def test_what_is_required_must_be_there(self, world: World) -> None:
        keeper = world.keeper()
        values = world.filled(self.facts.entity, keeper)
        for field in self.facts.writable:
            if not field.required:
                continue
            if field.default is None:
                without = {name: value for name, value in values.items() if name != field.name}
                self.refuse(keeper, without, field.name, 422)
                self.refuse(keeper, {**values, field.name: None}, field.name, 422)
            if field.is_text:
                self.refuse(keeper, {**values, field.name: "  "}, field.name, 422)
            if field.kind == "refs":
                self.refuse(keeper, {**values, field.name: []}, field.name, 422)
        key = self.create(keeper, values)["id"]
        for field in self.facts.writable:
            if field.required:
                empty = keeper.send("PATCH", f"{self.facts.api}/{key}", {field.name: None})
                assert empty.status_code == 422, f"{field.name} became empty"

    def test_what_is_not_required_may_be_left_out(self, world: World) -> None:
        keeper = world.keeper()
        needed = {f.name for f in self.facts.writable if f.required and f.default is None}
        values = world.filled(self.facts.entity, keeper)
        record = self.create(keeper, {name: values[name] for name in needed})
        for field in self.facts.writable:
            if field.required or field.default is not None or field.kind in ("boolean", "refs"):
                continue
            assert record[field.name] is None, field.name

    def test_defaults_stand_in_for_what_is_left_out(self, world: World) -> None:
        keeper = world.keeper()
        defaults = [field for field in self.facts.fields if field.default is not None]
        if not defaults:
            return
        record = self.create(keeper, world.filled(self.facts.entity, keeper))
        for field in defaults:
            described = self.resource.find(field.name)
            assert described is not None
            if not field.unique:
                assert is_same(described, record[field.name], field.default), field.name

    def test_unique_values_are_not_taken_twice(self, world: World) -> None:
        keeper = world.keeper()
        for field in self.facts.writable:
            if not field.unique or self.facts.room() < 2:
                continue
            first = world.filled(self.facts.entity, keeper, everything=True)
            self.create(keeper, first)
            second = world.filled(self.facts.entity, keeper, everything=True)
            taken = {**second, field.name: first[field.name]}
            self.refuse(keeper, taken, field.name, 409)
            key = self.create(keeper, second)["id"]
            path = f"{self.facts.api}/{key}"
            answer = keeper.send("PATCH", path, {field.name: first[field.name]})
            assert answer.status_code == 409, field.name
            for made in (key, key - 1):
                keeper.send("DELETE", f"{self.facts.api}/{made}")

    def test_bounds_are_kept(self, world: World) -> None:
        keeper = world.keeper()
        for field in self.facts.writable:
            for bound, beyond in bounds_of(field):
                values = {**world.filled(self.facts.entity, keeper), field.name: beyond}
                self.refuse(keeper, values, field.name, 422)
                record = self.create(keeper, {**values, field.name: bound})
                keeper.send("DELETE", f"{self.facts.api}/{record['id']}")

    def test_nonsense_is_refused(self, world: World) -> None:
        keeper = world.keeper()
        values = world.filled(self.facts.entity, keeper)
        for field in self.facts.writable:
            if field.kind in NONSENSE and (field.kind not in ("text", "long_text")):
                self.refuse(keeper, {**values, field.name: NONSENSE[field.kind]}, field.name, 422)
        self.refuse(keeper, {**values, "no_such_field": 1}, "no_such_field", 422)
        self.refuse(keeper, {**values, "id": 1}, "id", 422)

    def test_computed_values_follow_their_formula(self, world: World) -> None:
        keeper = world.keeper()
        computed = [field for field in self.facts.fields if field.computed]
        if not computed:
            return
        values = world.filled(self.facts.entity, keeper, everything=True)
        record = self.create(keeper, values)
        for field in computed:
            self.refuse(keeper, {**values, field.name: 1}, field.name, 422)
            described = self.resource.find(field.name)
            assert described is not None
            expected = calculated(keeper, self.resource, record, field)
            assert close(field, record[field.name], expected), f"{record[field.name]} {expected}"

    # Lists.

    def test_a_list_is_given_in_pages(self, world: World) -> None:
        keeper = world.keeper()
        keys = self.make(world, keeper, 3)
        first = keeper.send("GET", f"{self.facts.api}?limit={LIMIT}&sort=id").json()
        second = keeper.send("GET", f"{self.facts.api}?limit={LIMIT}&offset={LIMIT}&sort=id").json()
        found = [item["id"] for item in first["items"] + second["items"]]
        assert set(keys) <= set(found) and len(found) == len(set(found))
        assert first["total"] == second["total"] == len(found)
        assert len(first["items"]) == min(LIMIT, len(found))
        newest = keeper.send("GET", f"{self.facts.api}?limit=1").json()["items"]
        assert newest[0]["id"] == max(found)
        for wrong in (
            "limit=0",
            "limit=201",
            "offset=-1",
            "sort=no_such_field",
            "filter.nothing=1",
        ):
            assert keeper.send("GET", f"{self.facts.api}?{wrong}").status_code == 422, wrong

    def test_a_list_is_sorted_by_any_simple_field(self, world: World) -> None:
        keeper = world.keeper()
        self.make(world, keeper, 3, everything=True)
        for field in self.facts.fields:
            if field.computed or not (field.is_number or field.kind in ("date", "text")):
                continue
            up = keeper.send("GET", f"{self.facts.api}?sort={field.name}").json()["items"]
            down = keeper.send("GET", f"{self.facts.api}?sort=-{field.name}").json()["items"]
            assert [item["id"] for item in up] == [item["id"] for item in reversed(down)]
            values = [sortable(field, item[field.name]) for item in up if item[field.name]]
            assert values == sorted(values), field.name

    def test_the_search_finds_what_holds_the_words(self, world: World) -> None:
        keeper = world.keeper()
        if self.facts.search:
            nothing = keeper.send("GET", f"{self.facts.api}?q=zq%25xw_y").json()
            assert nothing["total"] == 0
        for name in self.facts.search:
            field = self.facts.field(name)
            if field.computed or field.kind not in ("text", "long_text", "email", "url"):
                continue
            keys = self.make(world, keeper, 2, everything=True)
            wanted = keeper.send("GET", f"{self.facts.api}/{keys[0]}").json()[name]
            for text in (wanted, wanted.upper()):
                found = keeper.send("GET", f"{self.facts.api}?limit=200&q={quoted(text)}").json()
                assert keys[0] in {item["id"] for item in found["items"]}, name
            other = keeper.send("GET", f"{self.facts.api}/{keys[-1]}").json()
            if not any(wanted in str(other[name]) for name in self.facts.search):
                assert keys[-1] not in {item["id"] for item in found["items"]}, name

    def test_a_filter_keeps_what_has_the_value(self, world: World) -> None:
        keeper = world.keeper()
        keys = self.make(world, keeper, 2, everything=True)
        records = [keeper.send("GET", f"{self.facts.api}/{key}").json() for key in keys]
        for field in self.facts.fields:
            if field.computed or field.kind in ("json", "geo_point", "datetime"):
                continue
            value = records[0][field.name]
            value = value[0] if field.kind == "refs" and value else value
            if value in (None, []):
                continue
            path = f"{self.facts.api}?limit=200&filter.{field.name}={quoted(str(value).strip())}"
            found = {item["id"] for item in keeper.send("GET", path).json()["items"]}
            assert keys[0] in found, field.name
            same = [r["id"] for r in records if holds(field, r[field.name], value)]
            assert found & set(keys) == set(same), field.name

    # References.

    def test_what_happens_when_something_referred_to_is_deleted(self, world: World) -> None:
        keeper = world.keeper()
        for field in self.facts.writable:
            if field.target in (None, "User"):
                continue
            values = world.filled(self.facts.entity, keeper, everything=True)
            record = self.create(keeper, values)
            path = f"{self.facts.api}/{record['id']}"
            key = record[field.name][0] if field.kind == "refs" else record[field.name]
            there = f"{by_name(field.target or '').api_path}/{key}"
            answer = keeper.send("DELETE", there)
            self.check_deletion(keeper, field, path, there, answer.status_code)

    def check_deletion(
        self, keeper: Person, field: FieldFact, path: str, there: str, status: int
    ) -> None:
        """The rule of the reference was kept."""
        now = keeper.send("GET", path)
        rule = "restrict" if field.required and field.on_delete == "set_null" else field.on_delete
        if rule == "restrict" or (field.kind == "refs" and field.required):
            assert status == 409, field.name
            assert now.status_code == keeper.send("GET", there).status_code == 200
            return
        assert status == 204, field.name
        if field.kind == "refs":
            assert now.json()[field.name] == []
        elif rule == "cascade":
            assert now.status_code == 404, field.name
        else:
            assert now.json()[field.name] is None

    # States.

    def test_a_record_takes_only_the_steps_of_its_workflow(self, world: World) -> None:
        if self.facts.state is None:
            return
        keeper = world.keeper()
        field = self.facts.field(self.facts.state)
        key = world.make(self.facts.entity, keeper)
        path = f"{self.facts.api}/{key}"
        assert keeper.send("GET", path).json()[self.facts.state] == self.facts.initial
        for step in self.facts.steps:
            for state in field.values:
                world.put_state(self.facts.entity, key, state)
                answer = keeper.send("POST", f"{path}/{step.name}")
                after = keeper.send("GET", path).json()[self.facts.state]
                legal = state in step.sources
                assert answer.status_code == (200 if legal else 409), f"{step.name} from {state}"
                assert after == (step.target if legal else state), f"{step.name} from {state}"
        assert keeper.send("POST", f"{path}/no_such_step").status_code in (404, 405)

    def test_the_state_is_not_written_past_the_workflow(self, world: World) -> None:
        if self.facts.state is None:
            return
        keeper = world.keeper()
        field = self.facts.field(self.facts.state)
        values = world.filled(self.facts.entity, keeper)
        for state in field.values:
            if state != self.facts.initial:
                self.refuse(keeper, {**values, field.name: state}, field.name, 422)
        key = self.create(keeper, values)["id"]
        for state in field.values:
            for other in field.values:
                world.put_state(self.facts.entity, key, state)
                answer = keeper.send("PATCH", f"{self.facts.api}/{key}", {field.name: other})
                legal = state == other or self.step(state, other) is not None
                assert answer.status_code == (200 if legal else 409), f"{state} to {other}"

    def step(self, source: str, target: str) -> StepFact | None:
        """The step from one state to another."""
        steps = self.facts.steps
        return next((s for s in steps if source in s.sources and s.target == target), None)

    # Rights.

    def test_strangers_are_asked_to_sign_in(self, world: World) -> None:
        stranger = world.stranger()
        key = world.make(self.facts.entity, world.keeper())
        path = f"{self.facts.api}/{key}"
        for method, address in (
            ("GET", self.facts.api),
            ("POST", self.facts.api),
            ("GET", path),
            ("PATCH", path),
            ("DELETE", path),
        ):
            assert stranger.send(method, address, {}).status_code == 401, f"{method} {address}"
        for step in self.facts.steps:
            assert stranger.send("POST", f"{path}/{step.name}").status_code == 401
        for page in ("", "/new", f"/{key}", f"/{key}/edit", f"/{key}/delete"):
            answer = stranger.look(self.facts.page + page)
            assert answer.status_code == 303 and "/sign-in" in answer.headers["Location"]

    def test_every_role_may_do_what_it_was_granted_and_nothing_else(self, world: World) -> None:
        for role in self.facts.roles:
            person = world.person(role)
            other = world.person(role)
            self.check_creating(world, person, role)
            for action in ("read", "update", *(step.name for step in self.facts.steps), "delete"):
                for owner in (person, other) if self.facts.room() > 1 else (person,):
                    self.check_action(world, person, role, action, owner)

    def test_every_right_stands_alone(self, world: World) -> None:
        steps = [step.name for step in self.facts.steps]
        actions = ["create", "read", "update", "delete", *steps]
        for action in actions:
            others = [other for other in actions if other != action]
            person = world.holder("all", self.facts.entity, others)
            self.check_without(world, person, action)

    def check_without(self, world: World, person: Person, action: str) -> None:
        """Somebody with every right but one is refused this one."""
        keeper = world.keeper()
        if action == "create":
            values = world.filled(self.facts.entity, keeper)
            assert person.send("POST", self.facts.api, values).status_code == 403
            return
        key = world.make(self.facts.entity, keeper)
        path = f"{self.facts.api}/{key}"
        method = {"read": "GET", "update": "PATCH", "delete": "DELETE"}.get(action)
        address = path if method else f"{path}/{action}"
        assert person.send(method or "POST", address, {}).status_code == 403, action
        page = f"{self.facts.page}/{key}"
        form = {"read": page, "update": f"{page}/edit", "delete": f"{page}/delete"}.get(action)
        status = person.look(form).status_code if form else 403
        assert status == 403, f"page of {action}"
        for step in self.facts.steps:
            if (
                step.name == action
                and step.sources
                and step is self.step(step.sources[0], step.target)
            ):
                world.put_state(self.facts.entity, key, step.sources[0])
                answer = person.send("PATCH", path, {str(self.facts.state): step.target})
                assert answer.status_code == 403, f"{action} by writing the state"
        keeper.send("DELETE", path)

    def test_own_records_are_hidden_from_other_members(self, world: World) -> None:
        if not self.facts.owned or self.facts.room() < 2:
            return
        steps = [step.name for step in self.facts.steps]
        actions = ["create", "read", "update", "delete", *steps]
        mine = world.holder("own", self.facts.entity, actions)
        other = world.holder("own", self.facts.entity, actions)
        theirs = world.make(self.facts.entity, other)
        own = world.make(self.facts.entity, mine)
        path = f"{self.facts.api}/{theirs}"
        for method, address in (
            ("GET", path),
            ("PATCH", path),
            ("DELETE", path),
            *(("POST", f"{path}/{step}") for step in steps),
        ):
            assert mine.send(method, address, {}).status_code == 404, f"{method} {address}"
        listed = mine.send("GET", self.facts.api).json()
        assert [item["id"] for item in listed["items"]] == [own] and listed["total"] == 1
        page = mine.look(self.facts.page).text
        assert f'href="{self.facts.page}/{own}"' in page
        assert f'href="{self.facts.page}/{theirs}"' not in page
        assert mine.look(f"{self.facts.page}/{theirs}").status_code == 404
        assert other.send("GET", path).status_code == 200

    def check_creating(self, world: World, person: Person, role: str) -> None:
        """The role creates records if, and only if, it was granted."""
        values = world.filled(self.facts.entity, person)
        answer = person.send("POST", self.facts.api, values)
        granted = self.facts.scope(role, "create") is not None
        assert answer.status_code == (201 if granted else 403), answer.text
        if granted:
            world.keeper().send("DELETE", f"{self.facts.api}/{answer.json()['id']}")
        form = person.look(f"{self.facts.page}/new")
        assert form.status_code == (200 if granted else 403)

    def check_action(
        self, world: World, person: Person, role: str, action: str, owner: Person
    ) -> None:
        """The role does something to a record if, and only if, its grant covers this owner's."""
        key = world.make(self.facts.entity, owner)
        path = f"{self.facts.api}/{key}"
        step = next((step for step in self.facts.steps if step.name == action), None)
        if step is not None and step.sources:
            world.put_state(self.facts.entity, key, step.sources[0])
        method = {"read": "GET", "update": "PATCH", "delete": "DELETE"}.get(action, "POST")
        address = path if step is None else f"{path}/{action}"
        status = person.send(method, address, {} if action == "update" else None).status_code
        scope = self.facts.scope(role, action)
        if scope is None:
            expected = {403}
        elif scope == "own" and owner is not person:
            expected = {404}
        else:
            expected = {200, 204} if step is None or step.sources else {409}
        assert status in expected, f"{role} {action} {'own' if owner is person else 'other'}"
        if action == "read":
            self.check_list(person, key, visible=status == 200)
        world.keeper().send("DELETE", path)

    def check_list(self, person: Person, key: int, *, visible: bool) -> None:
        """A record stands in the list, and on the page of it, if it may be read."""
        answer = person.send("GET", f"{self.facts.api}?limit=200")
        shown = answer.status_code == 200 and key in {r["id"] for r in answer.json()["items"]}
        assert shown == visible
        page = person.look(self.facts.page)
        assert (f'href="{self.facts.page}/{key}"' in page.text) == visible

    # Pages.

    def test_records_of_the_api_and_of_the_form_stand_on_the_list(self, world: World) -> None:
        keeper = world.keeper()
        by_api = self.make(world, keeper, 1)[0]
        keys = [by_api]
        if self.facts.room() > 1:
            answer = self.fill_in(world, keeper)
            assert answer.status_code == 303, answer.text
            by_form = int(answer.headers["Location"].rpartition("/")[2])
            keys.append(by_form)
            assert keeper.look(answer.headers["Location"]).status_code == 200
        page = keeper.look(self.facts.page).text
        for key in keys:
            assert f'href="{self.facts.page}/{key}"' in page
        assert f'href="{self.facts.page}"' in keeper.look("/").text

    def fill_in(self, world: World, keeper: Person, **wrong: str) -> Any:
        """Sends the form for a new record with sample values."""
        values = world.filled(self.facts.entity, keeper)
        typed, files = as_form(self.facts, values)
        return keeper.submit(f"{self.facts.page}/new", {**typed, **wrong}, files)

    def test_every_control_has_a_label(self, world: World) -> None:
        form = world.keeper().look(f"{self.facts.page}/new").text
        for field in self.facts.writable:
            assert f'<label for="field-{field.name}">' in form, field.name
            assert f'id="field-{field.name}" name="{field.name}"' in form, field.name
        assert '<html lang="' in form and 'class="skip"' in form and form.count("<h1>") == 1

    def test_a_refused_form_says_why_and_keeps_what_was_typed(self, world: World) -> None:
        keeper = world.keeper()
        needed = [f for f in self.facts.writable if f.required and f.kind in ("text", "email")]
        if not needed:
            return
        missing = needed[-1]
        others = [f for f in self.facts.writable if f is not missing and (f.is_number or f.is_text)]
        typed = {missing.name: ""}
        typed.update({f.name: "12345" if f.is_number else "typed by hand" for f in others[:1]})
        if not others:
            typed = {missing.name: "typed by hand " + "x" * 300}
        answer = self.fill_in(world, keeper, **typed)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text and f'href="#field-{missing.name}"' in answer.text
        assert f'id="error-{missing.name}"' in answer.text
        assert all(text in answer.text for text in typed.values())
        assert keeper.send("GET", self.facts.api).json()["total"] == 0

    def test_a_record_is_edited_and_deleted_on_pages(self, world: World) -> None:
        keeper = world.keeper()
        key = self.make(world, keeper, 1)[0]
        page = f"{self.facts.page}/{key}"
        values = world.filled(self.facts.entity, keeper, everything=True)
        typed, files = as_form(self.facts, values)
        answer = keeper.submit(f"{page}/edit", typed, files)
        assert answer.status_code == 303, answer.text
        stored = keeper.send("GET", f"{self.facts.api}/{key}").json()
        self.check_values({k: v for k, v in values.items() if k in typed}, stored)
        for field in self.facts.fields:
            if field.kind == "file" and not field.computed:
                download = keeper.look(f"{page}/files/{field.name}")
                assert download.content == b"content", field.name
        question = keeper.look(f"{page}/delete")
        assert question.status_code == 200 and "?</h1>" in question.text
        assert keeper.look(page).status_code == 200
        assert keeper.submit(f"{page}/delete", {}).status_code == 303
        assert keeper.look(page).status_code == 404

    def test_buttons_take_the_steps_that_are_open(self, world: World) -> None:
        keeper = world.keeper()
        key = self.make(world, keeper, 1)[0]
        page = f"{self.facts.page}/{key}"
        for step in self.facts.steps:
            for state in self.facts.field(self.facts.state or "").values:
                world.put_state(self.facts.entity, key, state)
                button = f'action="{page}/steps/{step.name}"'
                assert (button in keeper.look(page).text) == (state in step.sources)
                status = keeper.submit(f"{page}/steps/{step.name}", {}).status_code
                assert status in ((303, 404) if state in step.sources else (404, 405, 409))

    def test_a_form_from_elsewhere_is_refused(self, world: World) -> None:
        keeper = world.keeper()
        values, _ = as_form(self.facts, world.filled(self.facts.entity, keeper))
        keeper.bring_cookie()
        answer = keeper.http.post(f"{self.facts.page}/new", data={**values, "form__mark": "guess"})
        assert answer.status_code == 403
        assert keeper.send("GET", self.facts.api).json()["total"] == 0

    # What the tests are made of.

    def create(self, person: Person, values: dict[str, Any]) -> dict[str, Any]:
        """Creates a record that must be accepted."""
        answer = person.send("POST", self.facts.api, values)
        assert answer.status_code == 201, f"{values}: {answer.text}"
        record: dict[str, Any] = answer.json()
        return record

    def make(
        self, world: World, keeper: Person, count: int, *, everything: bool = False
    ) -> list[int]:
        """Creates several records, as many as there is room for."""
        keys = []
        for _ in range(min(count, self.facts.room())):
            values = world.filled(self.facts.entity, keeper, everything=everything)
            keys.append(int(self.create(keeper, values)["id"]))
        return keys

    def refuse(self, person: Person, values: dict[str, Any], field: str, status: int) -> None:
        """Sends values that must be refused because of one field."""
        answer = person.send("POST", self.facts.api, values)
        assert answer.status_code == status, f"{field}={values.get(field)!r}: {answer.text}"
        assert field in {error["field"] for error in answer.json()["errors"]}, answer.text


def bounds_of(field: FieldFact) -> list[tuple[Any, Any]]:
    """Pairs of the last value that is allowed and the first that is not."""
    pairs: list[tuple[Any, Any]] = []
    if field.is_number:
        one = Decimal(1) if field.kind == "integer" else Decimal("0.01")
        for bound, step in ((field.low, -one), (field.high, one)):
            if bound is not None and Decimal(bound) % 1 == 0:
                pairs.append((str(int(Decimal(bound))), str(Decimal(bound) + step)))
    elif field.is_text:
        if field.low is not None and int(field.low) > 1:
            pairs.append(("x" * int(field.low), "x" * (int(field.low) - 1)))
        if field.high is not None:
            pairs.append(("x" * int(field.high), "x" * (int(field.high) + 1)))
    return pairs


def as_form(facts: Facts, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values as a browser sends them; files apart."""
    typed: dict[str, Any] = {}
    files: dict[str, Any] = {"nothing": ("", b"")}
    for name, value in values.items():
        kind = facts.field(name).kind
        if kind == "file":
            files[name] = ("note.txt", b"content")
        elif kind == "boolean":
            typed.update({name: "on"} if value else {})
        elif kind == "json":
            typed[name] = json.dumps(value)
        elif kind == "geo_point":
            typed[name] = f"{value['lat']}, {value['lon']}"
        else:
            typed[name] = value
    return typed, files


def calculated(keeper: Person, resource: Resource, record: dict[str, Any], field: FieldFact) -> Any:
    """What a formula gives, worked out by Python itself from what the API tells."""
    names = {
        other.name: operand(keeper, other.target, other.kind, record[other.name])
        for other in resource.fields
        if other.name != field.name
    }
    wrapped = Literals().visit(ast.parse(field.computed or "", mode="eval"))
    code = compile(ast.fix_missing_locations(wrapped), "formula", "eval")
    try:
        return eval(code, {"__builtins__": {}, "Decimal": Decimal}, names)
    except (TypeError, AttributeError, DecimalException, ZeroDivisionError):
        return None


class Literals(ast.NodeTransformer):
    """Makes the numbers of a formula exact."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """Turns `0.1` into `Decimal("0.1")`."""
        name = ast.Name("Decimal", ast.Load())
        return ast.Call(name, [ast.Constant(str(node.value))], [])


def operand(keeper: Person, target: str | None, kind: str, value: Any) -> Any:
    """A value of an answer, to calculate with; behind a reference the record that it leads to."""
    if value is None:
        return None
    if kind == "ref" and target not in (None, "User"):
        there = by_name(target or "")
        found = keeper.send("GET", f"{there.api_path}/{value}").json()
        fields = {f.name: operand(keeper, f.target, f.kind, found[f.name]) for f in there.fields}
        return SimpleNamespace(**fields)
    if kind in ("integer", "decimal", "money", "boolean"):
        return Decimal(value)
    if kind == "date":
        return Decimal(datetime.date.fromisoformat(value).toordinal())
    if kind == "datetime":
        return Decimal(str(datetime.datetime.fromisoformat(value).timestamp())) / 86400
    return None


def close(field: FieldFact, found: Any, expected: Any) -> bool:
    """Whether an answer is a calculated value, rounded as its kind is."""
    if found is None or expected is None:
        return found is None and expected is None
    if field.kind == "date":
        return datetime.date.fromisoformat(found).toordinal() == int(expected)
    place = {"integer": Decimal("0.5"), "money": Decimal("0.005")}.get(
        field.kind, Decimal("0.000001")
    )
    return bool(abs(Decimal(found) - expected) <= place)


def sortable(field: FieldFact, value: Any) -> Any:
    """A value of an answer, to compare with others."""
    return Decimal(value) if field.is_number else value


def holds(field: FieldFact, value: Any, wanted: Any) -> bool:
    """Whether a value is the one that a filter names, or has it among others."""
    return bool(wanted in value if field.kind == "refs" else value == wanted)


def quoted(text: str) -> str:
    """A text in an address."""
    return quote(text, safe="")

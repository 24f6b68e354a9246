"""Whether the database still refuses what it must: its triggers, its grants, its owners.

None of this can stop a superuser. It shows what a slip, a restored dump or a well-meant grant
has opened, before anyone comes through.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg import Connection
from psycopg.rows import scalar_row

from core.ledger.roles import DatabaseRole

WRITTEN = {
    "checkpoint": ("INSERT",),
    "reacted": ("INSERT", "UPDATE"),
    "snapshot": ("INSERT",),
    "tracking": ("INSERT", "UPDATE"),
}
"""What a writer may do to tables itself, and not by a function that acts as the owner."""
CHANGING = ("head", "migration", "reacted", "snapshot", "tracking")
"""The tables of the ledger that change. Every other one is only ever added to."""

_APPEND_ONLY = (
    "CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.{} "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse()"
)
_HEAD = ("never_removed", "only_grows")
_ALWAYS = "A"
_SET_RIGHT = 160_000

_RIGHTS_BEYOND_READING = """
    select coalesce(nullif(a.grantee, 0)::regrole::text, 'everyone'), a.privilege_type, o.name
      from (select 'the schema ledger' as name, nspacl as acl, nspowner as owner, 'USAGE' as reading
              from pg_namespace where nspname = 'ledger'
            union all
            select c.oid::regclass::text, c.relacl, c.relowner, 'SELECT'
              from pg_class c where c.relnamespace = 'ledger'::regnamespace
            union all
            select format('column %s of %s', a.attname, c.oid::regclass), a.attacl, c.relowner,
                   'SELECT'
              from pg_attribute a join pg_class c on c.oid = a.attrelid
             where c.relnamespace = 'ledger'::regnamespace) o
     cross join lateral aclexplode(o.acl) a
     where a.grantee <> o.owner and a.privilege_type <> o.reading
"""
_OTHER_OWNERS = """
    select format('%s belongs to %s', o.name, o.owner::regrole)
      from (select oid::regclass::text as name, relowner as owner from pg_class
             where relnamespace = 'ledger'::regnamespace and relkind in ('r', 'v')
            union all
            select oid::regprocedure::text, proowner from pg_proc
             where pronamespace = 'ledger'::regnamespace
            union all
            select 'the schema ledger', nspowner from pg_namespace where nspname = 'ledger') o
     where o.owner <> 'ssp_owner'::regrole
"""
_OPEN_FUNCTIONS = """
    select format(case when p.open then 'everyone may call %s, which acts as its owner'
                       else '%s acts as its owner on the caller''s search path' end, p.proname)
      from (select proname,
                   exists (select from unnest(proconfig) s where s like 'search\\_path=%') as fixed,
                   exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) a
                            where a.grantee = 0) as open
              from pg_proc where pronamespace = 'ledger'::regnamespace and prosecdef) p
     where p.open or not p.fixed
"""
_OWNERS_IN_PERSON = """
    select format('%s may log in', rolname) from pg_roles
     where rolname = 'ssp_owner' and rolcanlogin
    union all
    select format('%s is a member of ssp_owner', m.member::regrole) from pg_auth_members m
     where m.roleid = 'ssp_owner'::regrole and m.member <> 'ssp_migrator'::regrole
       and pg_has_role(m.member, 'ssp_owner', case when
           current_setting('server_version_num')::int < 160000 then 'member' else 'set' end)
"""


def lacking_guards(connection: Connection[Any]) -> list[str]:
    """Return which triggers are not as they were made, in words."""
    found = {
        (table, name): (definition, enabled)
        for table, name, definition, enabled in connection.execute(
            "select c.relname, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled::text "
            "from pg_trigger t join pg_class c on c.oid = t.tgrelid "
            "where c.relnamespace = 'ledger'::regnamespace and not t.tgisinternal"
        )
    }
    tables = connection.cursor(row_factory=scalar_row).execute(
        "select relname from pg_class where relnamespace = 'ledger'::regnamespace "
        "and relkind in ('r', 'p') and relname <> all(%s) order by relname",
        (list(CHANGING),),
    )
    wanted = {(table, "append_only"): _APPEND_ONLY.format(table) for table in tables}
    wanted |= {("head", name): "" for name in _HEAD}
    return [
        said
        for at, definition in wanted.items()
        if (said := _ailing(at, definition, found.get(at)))
    ]


def widened_rights(connection: Connection[Any]) -> Iterator[str]:
    """Yield what others than the owner may do that they need not, in words."""
    due = {
        (DatabaseRole.WRITER, right, f"ledger.{table}")
        for table, rights in WRITTEN.items()
        for right in rights
    }
    for who, right, what in connection.execute(_RIGHTS_BEYOND_READING.encode()):
        if (who, right, what) not in due:
            yield f"{who} may {right.lower()} {what}"
    for query in (_OTHER_OWNERS, _OPEN_FUNCTIONS, _OWNERS_IN_PERSON):
        yield from connection.cursor(row_factory=scalar_row).execute(query.encode())


def needless_power(connection: Connection[Any]) -> str:
    """Return what whoever logged in could do beyond their role; "" where that is nothing."""
    row = connection.execute(
        "select session_user::text, rolsuper, pg_has_role(session_user, %s, %s) "
        "from pg_roles where rolname = session_user",
        # From 16 on, one may be a member of a role without the right to act as it.
        (DatabaseRole.OWNER, "set" if connection.info.server_version >= _SET_RIGHT else "member"),
    ).fetchone()
    if row is None:
        return "the user who logged in has been dropped"
    user, superuser, owner = row
    if superuser:
        return f"{user} is a superuser, whom no guard stops; see docs/database-roles.md"
    if owner:
        return f"{user} may act as {DatabaseRole.OWNER}, which only `ssp migrate` needs"
    return ""


def _ailing(at: tuple[str, str], wanted: str, found: tuple[str, str] | None) -> str:
    table, name = at
    if found is None:
        return f"ledger.{table} has no trigger {name}"
    definition, enabled = found
    if enabled != _ALWAYS:
        return f"the trigger {name} of ledger.{table} does not always fire"
    if wanted and definition != wanted:
        return f"the trigger {name} of ledger.{table} is another than was made: {definition}"
    return ""

// Functions that SQLite has and PostgreSQL has not, as far as the ledger's statements, CHECKs and
// view call them. They are a part of the schema, in which they are looked for.

/** To be made before the tables. The planner puts nearly all into the statement that calls them. */
export const FUNCTIONS = `
create function iif(boolean, anycompatible, anycompatible) returns anycompatible
  immutable language sql as 'select case when $1 then $2 else $3 end';

-- Null when either is, as in SQLite; greatest() and least() leave nulls out.
create function max(bigint, bigint) returns bigint
  immutable language sql as 'select case when $1 > $2 then $1 when $1 <= $2 then $2 end';
create function max(double precision, double precision) returns double precision
  immutable language sql as 'select case when $1 > $2 then $1 when $1 <= $2 then $2 end';
create function min(bigint, bigint) returns bigint
  immutable language sql as 'select case when $1 < $2 then $1 when $1 >= $2 then $2 end';

create function instr(text, text) returns integer
  immutable language sql as 'select strpos($1, $2)';

create function hex(bytea) returns text
  immutable language sql as $$ select upper(encode($1, 'hex')) $$;

create function randomblob(integer) returns bytea
  volatile language sql as 'select substring(sha256(uuid_send(gen_random_uuid())) for $1)';

-- True of null, for CHECKs. Text that is no JSON is refused by the cast itself (22P02).
create function json_valid(text) returns boolean
  immutable language sql as 'select $1 is null or $1::json is not null';

-- What a path finds in a document, as text.
create function json_extract(text, text) returns text
  immutable language sql as $$ select jsonb_path_query_first($1::jsonb, $2::jsonpath) #>> '{}' $$;

create function json_quote(text) returns text
  immutable language sql as 'select to_json($1)::text';

-- The elements of an array of texts and whole numbers.
create function json_each(text) returns table (value text, type text)
  immutable language sql as $$
    select element #>> '{}',
      case json_typeof(element) when 'string' then 'text' when 'number' then 'integer' end
    from json_array_elements($1::json) as element
  $$;

-- Knows the one format that the ledger asks for.
create function strftime(text, numeric, text) returns text
  stable language sql as $$
    select case when $1 = '%Y-%m-%dT%H:%M:%fZ' and $3 = 'unixepoch' then
      to_char(timestamp 'epoch' + $2 * 1000 * interval '1 millisecond', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    end
  $$;
`;

/**
 * HMAC-SHA-256 of a name under the ledger's key, its first 52 bits: what people/forgotten.ts
 * teaches SQLite. The key has 32 bytes, half a block of the hash.
 */
export const NAME_HASH = `
create function name_part(key bytea, at integer, mask bigint) returns bytea
  immutable language sql
  return int8send(('x' || encode(substring(key from at for 8), 'hex'))::bit(64)::bigint # mask);
create function name_pad(key bytea, mask bigint) returns bytea
  immutable language sql
  return name_part(key, 1, mask) || name_part(key, 9, mask) || name_part(key, 17, mask)
    || name_part(key, 25, mask) || decode(repeat(to_hex(mask), 4), 'hex');

create function name_hash(name text) returns bigint stable language sql
  return (
    select ('x' || encode(substring(sha256(
      name_pad(name_key, x'5c5c5c5c5c5c5c5c'::bigint)
      || sha256(name_pad(name_key, x'3636363636363636'::bigint) || convert_to(name, 'UTF8'))
    ) for 7), 'hex'))::bit(56)::bigint >> 4
    from meta
  );
create function name_hash(person bigint) returns bigint stable language sql
  return name_hash(person::text);
`;

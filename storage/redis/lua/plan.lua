-- A plan is what the program decided about items, and what it saw when it did:
-- saves rewrite an item (value '' only wants it unchanged), puts make a new one
-- of a key (value '' only wants the key as it was seen). What is not as it was seen is told, and nothing is written.

local function read_plan(fields)
  local p = {saves = {}, puts = {}, from = #fields}
  for i = 1, num() do
    local s = {id = arg(), rev = arg(), size = num(), key = arg(), was = arg(), is = arg(), score = arg(), held = arg(), wake = arg(), changes = num(), value = arg()}
    p.saves[i] = s
    fields[#fields + 1] = 'i:' .. s.id
  end
  for i = 1, num() do
    local t = {key = arg(), seen = arg(), changes = num(), score = arg(), wake = arg(), value = arg()}
    p.puts[i] = t
    fields[#fields + 1] = 'k:' .. t.key
  end
  return p
end

-- stale is nil when all is as it was seen; otherwise what is there instead:
-- 'i' id value, and 'k' key id value.
local function stale(p, got)
  local out
  local function tell(...)
    out = out or {}
    for _, v in ipairs({...}) do out[#out + 1] = v end
  end
  for i, s in ipairs(p.saves) do
    local v = got[p.from + i]
    if not v or #v ~= s.size or string.match(v, '^%d+') ~= s.rev then tell('i', s.id, v or '') end
  end
  for i, t in ipairs(p.puts) do
    local v = got[p.from + #p.saves + i]
    local live = v and v ~= '-'
    local fine = t.seen == 'any' or t.seen == 'checked' -- once; or a save of the same plan ends the live one
      or (t.seen == 'idle' and not live)
      or (t.seen == 'none' and not v)
      or (t.seen == 'settled' and v == '-')
    if not fine then
      tell('k', t.key, v or '', live and redis.call('HGET', rows, 'i:' .. v) or '')
    end
    t.known = v
  end
  return out
end

-- counters are the fields that a plan moves, as they stand in got from a place on.
local counter_fields = {'n:items', 'n:live', 'n:sent', 'n:moot', 'n:dead'}

local function counters(got, from)
  local c = {}
  for i, f in ipairs(counter_fields) do c[string.sub(f, 3)] = tonumber(got[from + i] or 0) end
  return c
end

-- carry_out adds to set what the plan changes in rows, and writes the rest of
-- it. It returns how many items are new or changed, and whether to wake others.
local function carry_out(p, c, set)
  local changed, wake, was = 0, false, {}
  for f, v in pairs(c) do was[f] = v end
  local zdue, zleased, undue, unleased, zdead, undead = {}, {}, {}, {}, {}, {}
  for _, s in ipairs(p.saves) do
    if s.value ~= '' then
      set[#set + 1], set[#set + 2] = 'i:' .. s.id, s.value
      c[s.was] = c[s.was] - 1
      c[s.is] = c[s.is] + 1
      if s.is == 'live' then
        zdue[#zdue + 1], zdue[#zdue + 2] = s.score, s.id
      else
        undue[#undue + 1] = s.id
      end
      if s.held == 'free' then
        unleased[#unleased + 1] = s.id
      elseif s.held ~= 'same' then
        zleased[#zleased + 1], zleased[#zleased + 2] = s.held, s.id
      end
      if s.is ~= s.was then
        set[#set + 1], set[#set + 2] = 'k:' .. s.key, s.is == 'live' and s.id or '-'
        if s.is == 'dead' then zdead[#zdead + 1], zdead[#zdead + 2] = '0', s.id end
        if s.was == 'dead' then undead[#undead + 1] = s.id end
      end
      if s.wake == '1' then wake = true end
      changed = changed + s.changes
    end
  end
  for _, t in ipairs(p.puts) do
    if t.value ~= '' and not (t.seen == 'any' and t.known) then
      c.items, c.live = c.items + 1, c.live + 1
      local id = string.format('%012.0f', c.items)
      set[#set + 1], set[#set + 2] = 'i:' .. id, t.value
      set[#set + 1], set[#set + 2] = 'k:' .. t.key, id
      zdue[#zdue + 1], zdue[#zdue + 2] = t.score, id
      changed, wake = changed + t.changes, wake or t.wake == '1'
    end
  end
  for f, v in pairs(c) do
    if v ~= was[f] then set[#set + 1], set[#set + 2] = 'n:' .. f, text(v) end
  end
  send('ZADD', due, zdue)
  send('ZREM', due, undue)
  send('ZADD', leased, zleased)
  send('ZREM', leased, unleased)
  send('ZADD', dead, zdead)
  send('ZREM', dead, undead)
  return changed, wake
end

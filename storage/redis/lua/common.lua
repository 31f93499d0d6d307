-- Every script begins with this. ARGV is read from left to right. A script
-- judges everything, the types of its keys included, before its first write.
--
-- rows is one hash that holds every row, by the first letter of its field:
--   r:<record>  "<seq> <length of keys> <index>,<index>,…\n" keys body (keys: lua/commit.lua);
--               the events that were applied, and what was refused before there was refused
--   e:<index>   "<operation>\n" event; only the first of a commit has an operation
--   o:<once>    index of the first event of the press
--   u:<unique>  record
--   v:<series>  the highest value; v:<series>\0<record> the value of a record
--   i:<id>      "<revision> <expires or 0> " item, then "\n<now> <lease>" per claim
--               since the item was last written: whoever reads it applies them
--   k:<key>     id of the live item with the key; "-" when there is none any more
--   g:<scope>   "<whole> <shut> <operation>" of a throttle, in nanoseconds
--   s:<key>     "<revision> <expires or 0>\n" value of a session
--   n:<what>    counters, and the format of the rows (n:format, n:cursor; lua/migrate.lua); n:items is the highest id too, and up to n:floor there is no item any more
-- lists orders <term>\0<rank><record>; due orders live items by lane and due;
-- leased orders those that are held by the end of their lease; dead is the dead.
-- refused has each refused press twice: <record>\0<account>\0<index> and
-- <record>\0\0<index>, the index with twelve digits.

local rows, lists, due, leased, dead = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local lane_width = 8796093022208 -- 2^43 milliseconds: each lane is a range of scores
local at = 0

local function arg()
  at = at + 1
  return ARGV[at]
end

local function num() return tonumber(arg()) end

local function take(n)
  local out = {}
  for i = 1, n do out[i] = arg() end
  return out
end

local function text(n) return string.format('%.0f', n) end

-- send runs a command with a list of arguments, in parts: unpack has a bound.
local function send(command, key, list)
  for i = 1, #list, 4000 do
    redis.call(command, key, unpack(list, i, math.min(i + 3999, #list)))
  end
end

-- fetch is HMGET of any number of fields, one at least.
local function fetch(fields)
  if #fields <= 4000 then return redis.call('HMGET', rows, unpack(fields)) end
  local out = {}
  for i = 1, #fields, 4000 do
    for _, v in ipairs(redis.call('HMGET', rows, unpack(fields, i, math.min(i + 3999, #fields)))) do
      out[#out + 1] = v
    end
  end
  return out
end

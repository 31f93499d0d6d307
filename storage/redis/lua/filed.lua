-- How items are filed, at one instant: how many, then id and key of each.
-- Answers for each its row, where it is due, until when it is held, whether it is among
-- the dead, and what its key leads to; '' for none.

local out = {}
for i = 1, num() do
  local id, key = arg(), arg()
  local got = fetch({'i:' .. id, 'k:' .. key})
  for _, v in ipairs({
    got[1] or '', redis.call('ZMSCORE', due, id)[1] or '', redis.call('ZMSCORE', leased, id)[1] or '',
    redis.call('ZMSCORE', dead, id)[1] or '', got[2] or '',
  }) do out[#out + 1] = v end
end
return out

-- The record that holds a unique key, read in one step: key. False if there is none.

local id = redis.call('HGET', rows, 'u:' .. arg())
return id and redis.call('HGET', rows, 'r:' .. id)

-- KEYS the lease
local lease = KEYS[1]
local current = redis.call('GET', lease)
if not current then return 0 end
redis.call('DEL', lease)
tell(lease, string.sub(current, 1, 32), string.sub(current, 33), 'displaced')
return 1

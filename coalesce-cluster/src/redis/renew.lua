-- KEYS the lease · ARGV token, ms of the lease
local lease, token, ms = KEYS[1], ARGV[1], ARGV[2]
redis.call('PEXPIRE', lease .. ':w:' .. token, ms)
local current = redis.call('GET', lease)
if current and string.sub(current, 1, 32) == token then
  redis.call('PEXPIRE', lease, ms)
  return 1
end
return 0

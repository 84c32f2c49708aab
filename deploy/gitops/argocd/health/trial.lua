-- A Trial: Progressing until its endpoints are gone, then Healthy or Degraded.
local conditions = {}
for _, condition in ipairs((obj.status or {}).conditions or {}) do
  conditions[condition.type] = condition
end
local function health(name, condition)
  return { status = name, message = condition.reason .. ": " .. condition.message }
end
if obj.metadata.deletionTimestamp ~= nil then
  return { status = "Progressing", message = "It is being deleted" }
end
local finished, succeeded = conditions.Finished, conditions.Succeeded
if finished ~= nil and finished.status == "True" then
  if succeeded ~= nil and succeeded.status == "True" then
    return health("Healthy", succeeded)
  end
  return health("Degraded", finished)
end
for _, type in ipairs({ "CleanedUp", "Measured", "EndpointsReady", "Granted" }) do
  if conditions[type] ~= nil then
    return health("Progressing", conditions[type])
  end
end
return { status = "Progressing", message = "It waits for a grant" }

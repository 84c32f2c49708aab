-- A Testbed: Healthy where it is Ready, Degraded where its preflight found what somebody must mend.
local status = obj.status or {}
if obj.metadata.deletionTimestamp ~= nil then
  return { status = "Progressing", message = "It is being deleted" }
end
if status.observedGeneration == nil or status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "The operator has not seen it yet" }
end
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Ready" then
    local names = { True = "Healthy", False = "Degraded" }
    return { status = names[condition.status] or "Progressing", message = condition.reason .. ": " .. condition.message }
  end
end
return { status = "Progressing", message = "Its preflight has not ended yet" }

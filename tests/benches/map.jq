# The same as map.json.
select(._kind == "person") | {
  _kind: "user",
  _key,
  _from: ["person", ._key],
  UserId: ([.itusers[] | select(.itsystem.name == "Active Directory") | .user_key][0]),
  Name: .name,
  Email: ([.addresses[] | select(.address_type.scope == "EMAIL") | .value][0]),
  Positions: [.engagements[] | select(.is_current) | {Name: .job_function.name, OrgUnitUuid: .org_unit.uuid}]
}

# The same as users.json.
select(._kind == "user" and .mail) | {
  _kind,
  _key,
  USER: .uid,
  FIRST_NAME: .givenName,
  LAST_NAME: .sn,
  EMAIL: .mail,
  LOGIN: (.mail | split("@")[0]),
  NAME: ((.nickname // .givenName // "") as $nick | (if $nick == "" then "" else $nick + " " end) + .sn),
  PERMISSIONS_ID: 25,
  POSITION: "Employee"
}

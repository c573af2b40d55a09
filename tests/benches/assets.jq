# The same as assets.json.
select(._kind == "computer") | {
  _kind: "asset",
  _key,
  _from: ["computer", ._key],
  SERIAL_NUMBER: .general.serial_number,
  NAME: .general.name,
  UDID: .general.udid,
  MAC_ADDRESS: .general.mac_address,
  IP_ADDRESS: .general.ip_address,
  BARCODE: .general.asset_tag,
  LAST_SEEN: .general.last_contact_time_utc,
  USER: .location.username,
  EMAIL: .location.email_address,
  BUILDING: .location.building,
  WARRANTY: .purchasing.warranty_expires,
  MAKE: .hardware.make,
  MODEL: .hardware.model,
  RAM: .hardware.total_ram,
  DISK: .hardware.storage[0].size,
  APPLICATIONS: .software.applications
}

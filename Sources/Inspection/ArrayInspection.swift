import Base
import Formats

/// Lists files of arrays: npz, npy and safetensors.
enum ArrayInspection {
  /// - Throws: `format` where a header or a checksum is wrong.
  static func read(_ archive: NpzArchive, into listing: inout Listing) throws {
    for name in archive.arrayNames {
      guard let header = archive.declared(name) else {
        if let failure = archive.obstacle(name) { throw failure }
        continue
      }
      listing.add(part(header, name.shortened))
      if header.holdsObjects, let entry = archive.archive[name + ".npy"] ?? archive.archive[name] {
        objects(try archive.archive.objects(entry, behind: header), named: name, into: &listing)
      }
    }
    for entry in archive.archive.entries {
      let isVerified = try archive.archive.verify(entry, limit: EntryText.sizeLimit)
      listing.add(EntryText.part(entry, isVerified: isVerified))
    }
    for name in archive.foreignNames {
      listing.note("`\(name.shortened)` is not an array, or has the name of another entry")
    }
  }

  static func read(_ array: NpyArray, into listing: inout Listing) {
    listing.add(part(array.header, ""))
  }

  static func read(_ archive: SafetensorsArchive, into listing: inout Listing) {
    for entry in archive.metadata.mapValue ?? [] {
      listing.add(
        InspectedPart(
          kind: .setting, name: "__metadata__.\(entry.key.shortened)", type: "text",
          detail: entry.value.stringValue?.shortened))
    }
    for name in archive.arrayNames {
      guard let tensor = archive.declared(name) else { continue }
      listing.add(
        InspectedPart(
          kind: .tensor, name: name.shortened, type: tensor.type, shape: tensor.shape, byteCount: tensor.byteCount))
    }
  }

  private static func part(_ header: NpyHeader, _ name: String) -> InspectedPart {
    let size = try? header.byteCount("")
    return InspectedPart(
      kind: .tensor, name: name, type: header.scalar?.rawValue ?? header.typeName, shape: header.shape,
      byteCount: header.holdsObjects ? nil : size,
      detail: header.holdsObjects ? "Python objects, kept as a pickle" : header.isFortran ? "Fortran order" : nil)
  }

  private static func objects(_ pickles: [PickleValue], named name: String, into listing: inout Listing) {
    PickleInspection.read(pickles, isRoot: { _ in false }, into: &listing)
    listing.note("`\(name.shortened)` holds a pickle, which numpy.load reads only with allow_pickle=True")
  }
}

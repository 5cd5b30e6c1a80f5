import Base
import Formats
import Workspace

/// Compares what a command made with what its replay made, each in its own workspace.
package struct ObjectComparison {
  let original: Workspace
  let scratch: Workspace
  let numbers: ValueComparison

  /// The first difference between two versions in words; nil where there is none.
  func difference(_ old: VersionRecord, _ new: VersionRecord) throws -> String? {
    if old.payload.content == new.payload.content { return nil }
    for (then, now) in zip(old.payload.files, new.payload.files) where then.fingerprint != now.fingerprint {
      return "\(then.path) had fingerprint \(then.fingerprint.prefix(8)), now \(now.fingerprint.prefix(8))"
    }
    return try difference(new.object, from: old)
  }

  private func difference<Kind: ObjectKind>(_ new: Kind, from old: VersionRecord) throws -> String? {
    guard let earlier = old.payload as? Kind else {
      return "a \(old.kind.rawValue) then, another \(new.kind.rawValue) now"
    }
    return try new.difference(from: earlier, by: self)
  }

  func difference(_ old: Table, _ new: Table) -> String? { numbers.difference(.table(old), .table(new)) }

  /// Of two stored values.
  func values(_ before: String, _ now: String) throws -> String? {
    numbers.difference(try original.value(before), try scratch.value(now))
  }

  /// Of two stored npz files.
  func arrays(_ before: String, _ now: String) throws -> String? {
    if before == now { return nil }
    let old = try NpzArchive(path: original.objects.checkedPath(of: before))
    let new = try NpzArchive(path: scratch.objects.checkedPath(of: now))
    guard old.arrayNames == new.arrayNames else { return "other arrays" }
    for name in old.arrayNames {
      let a = try old.tensor(name)
      let b = try new.tensor(name)
      guard a.shape == b.shape else { return "\(name) has shape \(b.shape), not \(a.shape)" }
      let pairs = zip(a.values, b.values).map { (Double($0), Double($1)) }
      if let difference = numbers.difference(of: pairs) { return "\(name): \(difference)" }
    }
    return nil
  }
}

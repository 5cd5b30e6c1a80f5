import Foundation

extension Suggestion {
  /// An existing path that was probably meant, for a path that does not exist: one folder or file name in it is
  /// corrected.
  ///
  /// - Returns: the corrected path, without the parts after the correction if these do not exist. Nil where no name is
  ///   similar enough.
  public static func path(near path: String) -> String? {
    let files = FileManager.default
    let parts = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    var known = path.hasPrefix("/") ? "/" : ""
    for (index, part) in parts.enumerated() {
      let next = known + part
      if files.fileExists(atPath: next) || part == "~" {
        known = next + "/"
        continue
      }
      let siblings = (try? files.contentsOfDirectory(atPath: known.isEmpty ? "." : known)) ?? []
      guard let near = best(for: part, among: siblings.sorted()) else { return nil }
      let rest = parts[(index + 1)...].joined(separator: "/")
      let mended = known + near
      return !rest.isEmpty && files.fileExists(atPath: mended + "/" + rest) ? mended + "/" + rest : mended
    }
    return nil
  }

  /// "did you mean `x`?" for a path that does not exist, or nil.
  public static func hint(forPath path: String) -> String? { self.path(near: path).map { "did you mean `\($0)`?" } }
}

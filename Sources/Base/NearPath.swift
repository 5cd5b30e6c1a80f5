import Foundation

extension Suggestion {
  /// A path that exists and was probably meant by one that does not: one folder or file in it is spelt another way.
  ///
  /// - Returns: the path as far as it is mended and exists; nil where no name is near enough.
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

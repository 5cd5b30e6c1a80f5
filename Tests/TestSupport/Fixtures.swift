import Base
import Foundation

/// Where the tests' data lies.
public enum Fixtures {
  /// The project's own folder of fixtures, found from this file's place.
  public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures").path

  /// `Tests/Fixtures/<relative>`.
  public static func path(_ relative: String) -> String { root + "/" + relative }

  /// The large shared sets beside the project, read only where they stand.
  public static let sharedRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/fixtures").path

  public static var hasShared: Bool { FileManager.default.fileExists(atPath: sharedRoot + "/canonical/model.ckpt") }

  public static func shared(_ relative: String) -> String { sharedRoot + "/" + relative }

  /// A fresh, empty folder that the test removes when it is done.
  public static func temporaryFolder(_ name: String = "vcsh-test") throws -> String {
    let url = FileManager.default.temporaryDirectory.appending(path: "\(name)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url.path
  }
}

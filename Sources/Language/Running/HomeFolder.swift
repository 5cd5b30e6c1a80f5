import Foundation

/// The user's home folder, for `~` in paths.
enum HomeFolder {
  static var path: String { ProcessInfo.processInfo.environment["HOME"] ?? "" }
}

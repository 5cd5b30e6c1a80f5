import Foundation

/// Files that a replay writes go to a folder of its own; what it reads back later is found there.
package final class Diversion {
  private let folder: String
  private var targets: [String: String] = [:]

  package init(folder: String) { self.folder = folder }

  func divert(_ path: String) throws -> String {
    if let known = targets[path] { return known }
    let place = "\(folder)/\(targets.count)"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let target = place + "/" + (path as NSString).lastPathComponent
    targets[path] = target
    return target
  }

  package func target(of path: String) -> String? { targets[path] }
  package func original(of target: String) -> String? { targets.first { $0.value == target }?.key }
}

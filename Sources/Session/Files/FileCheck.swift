import Base
import Formats
import Foundation
import Workspace

/// Whether files outside the workspace are still what they were when they were opened; each is looked at once.
package final class FileCheck {
  package enum State: Equatable {
    case same
    case missing
    /// How it differs from the file that was opened.
    case changed(String)
  }

  private let workspace: Workspace
  private var known: [String: State] = [:]

  package init(workspace: Workspace) { self.workspace = workspace }

  package func state(of file: FileReference) throws -> State {
    let key = "\(file.path) \(file.fingerprint)"
    if let state = known[key] { return state }
    let state = try look(at: file)
    known[key] = state
    return state
  }

  /// What is wrong with a file; nil where it is the same.
  package func problem(_ file: FileReference) throws -> String? {
    switch try state(of: file) {
    case .same: nil
    case .missing: "\(file.path) is missing"
    case .changed(let how): "\(file.path) has changed on disk (\(how))"
    }
  }

  private func look(at file: FileReference) throws -> State {
    let path = workspace.absolute(path: file.path)
    guard let bytes = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int else { return .missing }
    guard bytes == file.byteCount else { return .changed("\(file.byteCount) bytes then, \(bytes) now") }
    do {
      let now = try fingerprint(path)
      return now == file.fingerprint
        ? .same : .changed("fingerprint \(file.fingerprint.prefix(8)) then, \(now.prefix(8)) now")
    } catch let failure as Failure where failure.kind != .interrupted {
      return .changed("it can't be read any more: \(failure.message)")
    }
  }

  /// As the readers of these formats define it, for what `open` takes.
  private func fingerprint(_ path: String) throws -> String {
    let file = try CandidateFile(path: path)
    return try file.torch()?.fingerprint ?? file.npz()?.fingerprint ?? file.safetensors()?.fingerprint
      ?? FileReference(reading: path, in: workspace).fingerprint
  }
}

extension FileCheck {
  /// What became of a file that a command wrote; nil where it is as it was written.
  package func state(ofWritten file: WrittenFile) throws -> String? {
    let path = workspace.absolute(path: file.path)
    guard FileManager.default.fileExists(atPath: path) else { return "\(file.path) is missing" }
    return try workspace.written(path).digest == file.digest ? nil : "\(file.path) was changed since it was written"
  }
}

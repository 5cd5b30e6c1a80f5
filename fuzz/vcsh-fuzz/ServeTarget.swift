import Base
import Foundation
import Serving
import Session
import Synchronization
import Workspace

/// Lines of a client, served to their end by a server without commands. Code that could write a file or run without end is not
/// served. Every answer must be one line of JSON.
enum ServeTarget {
  static let target = FuzzTarget(name: "serve") { data in
    let text = String(decoding: data, as: UTF8.self)
    guard !text.contains("execute") || !["for", "def", "range", ">", "\\u"].contains(where: { text.contains($0) })
    else {
      return
    }
    let ends = Pipe()
    let input = ends.fileHandleForReading.fileDescriptor
    // The pipe takes 64 KiB, more than an input has.
    try ends.fileHandleForWriting.write(
      contentsOf: data + Data("\n{\"id\": \"the last\", \"method\": \"shutdown\"}\n".utf8))
    try ends.fileHandleForWriting.close()
    let null = try FileHandle(forWritingTo: URL(filePath: "/dev/null"))
    let (workspace, queries) = try places.withLock { try $0.next() }
    let server = Server(
      on: workspace, queries: queries, commands: CommandTable([]), version: "fuzz", cancellation: Cancellation(),
      write: { line in
        precondition(line.hasSuffix("\n") && !line.dropLast().contains("\n"), "not one line: \(line)")
        precondition((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil, "not JSON: \(line)")
      })
    try server.run(input: input, output: null.fileDescriptor)
    try null.close()
  }

  /// A workspace for so many inputs: each execute makes entries.
  private struct Places {
    private var open: (Workspace, Workspace)?
    private var uses = 0
    private let root = FuzzFile("serve").path

    mutating func next() throws -> (Workspace, Workspace) {
      uses += 1
      if let open, uses % 500 != 0 { return open }
      open = nil
      try? FileManager.default.removeItem(atPath: root)
      let workspace = try Workspace.create(at: root, payloads: AllKinds.payloads)
      let both = (workspace, try Workspace(at: root, payloads: AllKinds.payloads))
      open = both
      return both
    }
  }

  private static let places = Mutex(Places())
}

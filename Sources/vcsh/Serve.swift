import Base
import Commands
import Foundation
import Serving
import Session
import Shell
import Terminal
import Workspace

/// `vcsh --serve`: the protocol has the process's standard input and output to itself.
enum Serve {
  static func run(workspace named: String?) throws {
    let root = try Session.root(of: named)
    // What a command, or a program that it starts, reads or prints must not come between the lines.
    let input = dup(STDIN_FILENO)
    let output = dup(STDOUT_FILENO)
    let nothing = open("/dev/null", O_RDONLY)
    guard input >= 0, output >= 0, nothing >= 0 else {
      throw Failure(.system, "can't serve: \(String(cString: strerror(errno)))")
    }
    for descriptor in [input, output] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    dup2(nothing, STDIN_FILENO)
    dup2(STDERR_FILENO, STDOUT_FILENO)
    close(nothing)
    let server = Server(
      on: try Workspace(at: root, payloads: AllKinds.payloads),
      queries: try Workspace(at: root, payloads: AllKinds.payloads),
      commands: AllCommands.table, version: ThisProgram.version, cancellation: Interrupts.cancellation,
      write: { try StandardStreams.write($0, to: output, name: "standard output") })
    do {
      try server.run(input: input, output: output)
    } catch is ListenerGone {
      throw OutputClosed()
    }
  }
}

import Base
import Commands
import Foundation
import Rendering
import Session
import Shell
import Terminal
import Workspace

extension Session {
  /// Opens the workspace that was named, else the nearest one upward.
  static func open(workspace named: String?) throws -> Session {
    try session(on: Workspace(at: root(of: named), payloads: AllKinds.payloads))
  }

  /// The folder of the workspace that was named, else of the nearest one upward.
  static func root(of named: String?) throws -> String {
    let here = FileManager.default.currentDirectoryPath
    guard let root = named ?? Workspace.find(from: here) else {
      throw Failure(
        .missing, "no workspace here or above (\(here))", hint: "make one with `vcsh init DIR`, or name one with -w DIR"
      )
    }
    return root
  }

  static func session(on workspace: Workspace) throws -> Session {
    Session(
      workspace: workspace, commands: AllCommands.table,
      work: Work(cancellation: Interrupts.cancellation, progress: ProgressBar.forTerminal()),
      note: { note in
        let width = TerminalInfo.errorIsTerminal ? TerminalInfo.size.columns : nil
        StandardStreams.writeError(NoteText.render(note, width: width))
      })
  }
}

import Base
import Foundation
import Rendering
import Terminal

/// Turns what a run throws into a message and an exit status.
enum ProgramRun {
  /// Thrown where everything has been said already.
  struct Status: Error { var code: Int32 }

  /// - Parameter describe: the text of an error of the arguments, and whether it is a result: help and the version are.
  static func run(
    describing describe: (any Error) -> (text: String, isResult: Bool), _ body: () throws -> Void
  ) -> Int32 {
    StandardStreams.occupyClosed()
    Interrupts.install()
    let status = status(
      of: {
        try DescriptorCheck.run()
        try body()
      }, describe)
    Interrupts.endIfAsked()
    return status
  }

  private static func status(
    of body: () throws -> Void, _ describe: (any Error) -> (text: String, isResult: Bool)
  ) -> Int32 {
    do {
      try body()
      return 0
    } catch let status as Status {
      return status.code
    } catch is OutputClosed {
      return OutputClosed.exitStatus
    } catch let failure as Failure {
      StandardStreams.writeError(Diagnostic.render(failure, sourceLine: nil, colour: errorColour))
      return failure.exitStatus
    } catch {
      let (text, isResult) = describe(error)
      if isResult { return status(of: { try StandardStreams.write(text + "\n") }, describe) }
      // It quotes arguments.
      StandardStreams.writeError(SafeText.block(text) + "\n")
      return 2
    }
  }

  static var errorColour: Bool { TerminalInfo.errorIsTerminal && TerminalInfo.allowsColour() }

  /// Results fitted to the terminal; as in batch where there is none.
  static func screenOptions() -> RenderOptions {
    guard TerminalInfo.outputIsTerminal else { return batchOptions() }
    return RenderOptions(
      width: TerminalInfo.size.columns, colour: TerminalInfo.allowsColour(), unicode: TerminalInfo.allowsUnicode())
  }

  /// Results in batch have the same bytes everywhere; a terminal that shows ASCII alone gets no other characters.
  static func batchOptions(_ mode: OutputMode = .table) -> RenderOptions {
    var options = RenderOptions.batch(mode)
    options.isScreen = TerminalInfo.outputIsTerminal
    options.unicode = !TerminalInfo.outputIsTerminal || TerminalInfo.allowsUnicode()
    return options
  }
}

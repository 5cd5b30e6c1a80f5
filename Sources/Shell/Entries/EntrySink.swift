import Base
import Language

/// An entry that has ended.
package struct FinishedEntry {
  /// Its place in the run, from 1.
  package let ordinal: Int
  /// Its number in the workspace; 0 where it could not be recorded.
  package let number: Int64
  package let statement: Statement
}

/// Where a runner sends what comes of entries: the terminal, a batch's output, a client of the server.
///
/// All calls come on the thread that runs the entries. What a call throws ends the run: the entry did not fail, its
/// result could not be delivered.
package protocol EntrySink: AnyObject {
  /// Takes a value from the middle of entry `number`: of a statement within an `if`, a `for` or a sourced file.
  func within(_ value: Value, of statement: Statement, entry number: Int64) throws
  /// Takes a state of the running entry that replaces the one before it: a table that is watched, a training's curves.
  ///
  /// The next value of the entry replaces the last state. Where the entry fails or is interrupted, that state is what
  /// it leaves.
  func view(_ view: Value) throws
  /// Whether someone sees these states while the entry runs; if not, lines must tell how it goes on.
  var showsViews: Bool { get }
  /// Takes the value of an entry that has succeeded; null where it yields none.
  func value(_ value: Value, of entry: FinishedEntry) throws
  /// Takes the value of an entry whose check found something wrong.
  func failedCheck(_ failure: Failure, after value: Value, of entry: FinishedEntry) throws
  /// Takes the failure of an entry; nil stands for a text that was refused before any of it ran.
  func failure(_ failure: Failure, of entry: FinishedEntry?) throws
}

extension EntrySink {
  package var showsViews: Bool { false }
}

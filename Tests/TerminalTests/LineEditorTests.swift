import Base
import Foundation
import Terminal
import TestSupport
import Testing

@Suite(.serialized) struct LineEditorTests {
  private let session = EditorSession.shared

  @Test("A typed line is returned")
  func aTypedLineComesBack() { #expect(session.type("show twin\r") == .line("show twin")) }

  @Test("Tab completes a single candidate and adds a space")
  func tabCompletesALoneCandidateAndAddsABlank() {
    #expect(session.type("show Sim", "\t", "on\r") == .line("show Sim_2025-01-10 on"))
  }

  @Test("Tab completes the common beginning of the candidates")
  func tabCompletesWhatCandidatesShare() { #expect(session.type("neu", "\t", "s\r") == .line("neurons")) }

  @Test("A second tab lists candidates without the text before them")
  func aSecondTabListsCandidatesWithoutTheLineBeforeThem() throws {
    session.press("show he", "\t", "\t")
    #expect(try #require(session.terminal).waitFor("help  head"))
    #expect(session.type("lp\r") == .line("show help"))
  }

  @Test("A long list is cut, with the numbers of candidates shown and in all")
  func aLongListSaysWhatItLeavesOut() throws {
    session.press("many", "\t", "\t")
    #expect(try #require(session.terminal).waitFor("100 of 250 shown; type more"))
    #expect(session.type("7\r") == .line("many7"))
  }

  @Test("A folder is completed without a space")
  func aFolderIsCompletedWithoutABlank() { #expect(session.type("fold", "er", "\t", "x\r") == .line("folder/x")) }

  @Test("Completion counts characters, not bytes")
  func completionCountsCharactersNotBytes() {
    #expect(session.type("日本 é", "\t", "ét", "\r") == .line("日本 étage ét"))
    #expect(session.type("é 日", "\t", "\r") == .line("é 日本語 "))
  }

  @Test("Completion in the middle of a line keeps the rest")
  func completionInTheMiddleOfALineKeepsTheRest() {
    // Ctrl-A, then forward over "hel": the cursor stands inside the line, before a blank that need not be added.
    #expect(session.type("hel twin", "\u{01}", "\u{06}\u{06}\u{06}", "\t", "\r") == .line("help twin"))
  }

  @Test("Completion inside a word does not repeat its rest")
  func completionInsideAWordDoesNotRepeatItsRest() {
    #expect(session.type("étage", "\u{01}", "\u{06}\u{06}", "\t", "\u{05}", "!\r") == .line("étage !"))
  }

  @Test("Completion gets the lines above in an entry")
  func completionSeesTheLinesAboveInAnEntry() {
    session.press("neurons |\r")
    #expect(session.type("lines", "\t", "\r") == .line("neurons |\nlines-above-1 "))
    #expect(session.type("lines", "\t", "\r") == .line("lines-above-0 "))
  }

  @Test("The up key recalls the last entry")
  func upBringsBackTheLastEntry() {
    #expect(session.type("eval twin\r") == .line("eval twin"))
    #expect(session.type("\u{1b}[A", " again\r") == .line("eval twin again"))
  }

  @Test("After a prefix, up goes on through what begins with it, and the cursor stands at the end of the line")
  func upWithAPrefixEndsTheLine() {
    #expect(session.type("eval twin\r") == .line("eval twin"))
    #expect(session.type("eval other\r") == .line("eval other"))
    #expect(session.type("head 3\r") == .line("head 3"))
    #expect(session.type("eval", "\u{1b}[A", " | head 2\r") == .line("eval other | head 2"))
    #expect(session.type("eval", "\u{1b}[A\u{1b}[A\u{1b}[A", "!\r") == .line("eval twin!"))
    #expect(session.type("eval", "\u{1b}[A\u{1b}[A\u{1b}[A\u{1b}[A\u{1b}[B", "?\r") == .line("eval other?"))
    #expect(session.type("nothing", "\u{1b}[A", " here\r") == .line("nothing here"))
  }

  @Test("An entry of several lines is one entry in history")
  func anEntryOfSeveralLinesIsOneInHistory() {
    #expect(session.type("neurons twin |\r", "head 3\r") == .line("neurons twin |\nhead 3"))
    #expect(session.type("\u{1b}[A", "\r") == .line("neurons twin |\nhead 3"))
  }

  @Test("Earlier sessions are in history")
  func earlierSessionsAreInHistory() {
    // Ctrl-R searches backwards.
    #expect(session.type("\u{12}", "earlier sess", "\r") == .line("from an earlier session"))
  }

  @Test("A paste of several lines is one entry")
  func aPasteOfSeveralLinesIsOneEntry() {
    #expect(session.type("\u{1b}[200~let a = 1\nlet b = 2\u{1b}[201~", "\r") == .line("let a = 1\nlet b = 2"))
  }

  @Test("Editing wide characters keeps the line intact")
  func editingWideCharactersKeepsTheLineWhole() {
    // Two left, one backspace.
    #expect(session.type("日本語é", "\u{1b}[D\u{1b}[D", "\u{7f}", "\r") == .line("日語é"))
  }

  @Test("Ctrl-C clears the line, and the prompt returns")
  func ctrlCClearsTheLineAndThePromptReturns() throws {
    session.press("half a li")
    #expect(session.interrupt() == .interrupted)
    #expect(try #require(session.terminal).waitUntil { $0.hasSuffix("half a li^C\nvcsh>") })
    #expect(session.type("whole\r") == .line("whole"))
  }

  @Test("Ctrl-C in an entry of several lines drops all of it")
  func ctrlCInAContinuedEntryDropsAllOfIt() {
    session.press("neurons |\r", "head")
    #expect(session.interrupt() == .interrupted)
    #expect(session.type("next\r") == .line("next"))
  }

  @Test("Ctrl-C ends a search and an open paste")
  func ctrlCLeavesASearchAndAnOpenPaste() {
    session.press("\u{12}", "twin")
    #expect(session.interrupt() == .interrupted)
    session.press("\u{1b}[200~half a paste")
    #expect(session.interrupt() == .interrupted)
    #expect(session.type("next\r") == .line("next"))
  }

  @Test("Ctrl-C reaches running work")
  func ctrlCReachesWorkThatRuns() throws {
    session.press("work", "\t")
    let started = Date()
    #expect(session.interrupt() == .interrupted)
    #expect(Date().timeIntervalSince(started) < 2)
    #expect(try #require(session.terminal).waitFor("work-cancelled"))
    #expect(!Interrupts.cancellation.isCancelled)
  }

  @Test("Ctrl-D on an empty line ends")
  func ctrlDOnAnEmptyLineEnds() { #expect(session.type("\u{04}") == .endOfFile) }

  @Test("Ctrl-D in an entry of several lines returns it unchanged")
  func ctrlDInAContinuedEntryReturnsItAsItIs() {
    #expect(session.type("neurons |\r", "\u{04}") == .line("neurons |"))
  }
}

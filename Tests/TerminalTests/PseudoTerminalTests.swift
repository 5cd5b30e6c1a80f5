import TestSupport
import Testing

@Suite struct PseudoTerminalTests {
  @Test("A program sees a terminal, and its status is returned")
  func aProgramSeesATerminalAndItsStatusComesBack() throws {
    let terminal = try PseudoTerminal.spawn(
      "/bin/sh", ["-c", "test -t 0 && test -t 1 && test -t 2 && stty size </dev/tty && exit 3"], columns: 71, rows: 19)
    #expect(terminal.waitFor("19 71"))
    #expect(terminal.waitForExit() == 3)
  }

  @Test("Typed text reaches the program")
  func whatIsTypedReachesTheProgram() throws {
    let terminal = try PseudoTerminal.spawn("/bin/cat", environment: ["LANG": "C"])
    terminal.send("hello\r")
    #expect(terminal.waitFor("hello\nhello"))
    #expect(terminal.isCooked)
    terminal.send("\u{04}")
    #expect(terminal.waitForExit() == 0)
  }

  @Test("Ctrl-C ends the program in the foreground")
  func ctrlCEndsTheProgramInTheForeground() throws {
    let terminal = try PseudoTerminal.spawn("/bin/cat")
    terminal.send("x\r")
    #expect(terminal.waitFor("x\nx"))
    terminal.send("\u{03}")
    #expect(terminal.waitForExit() == 130)
  }

  @Test("The screen shows the text that remains after erasing")
  func theScreenShowsWhatIsLeftAfterErasing() throws {
    let terminal = try PseudoTerminal.spawn(
      "/usr/bin/printf", ["busy 10%%\\r\\033[Kdone\\nab\\bc\\033[31mé\\033[0m\\n"])
    #expect(terminal.waitForExit() == 0)
    #expect(terminal.screenText == "done\nacé\n")
  }

  @Test("A program runs in its folder")
  func aProgramRunsInItsFolder() throws {
    let terminal = try PseudoTerminal.spawn("/bin/pwd", folder: "/usr")
    #expect(terminal.waitFor("/usr"))
    #expect(terminal.waitForExit() == 0)
  }
}

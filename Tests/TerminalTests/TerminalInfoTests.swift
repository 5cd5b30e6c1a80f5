import Terminal
import Testing

@Suite struct TerminalInfoTests {
  @Test("NO_COLOR and TERM turn colour off")
  func colourObeysTheUser() {
    #expect(TerminalInfo.allowsColour(["TERM": "xterm"]))
    #expect(TerminalInfo.allowsColour(["TERM": "xterm", "NO_COLOR": ""]))
    #expect(!TerminalInfo.allowsColour(["TERM": "xterm", "NO_COLOR": "1"]))
    #expect(!TerminalInfo.allowsColour(["TERM": "dumb"]))
    #expect(!TerminalInfo.allowsColour([:]))
  }

  @Test("The first locale variable that is set determines Unicode")
  func unicodeGoesByTheFirstLocaleThatIsSet() {
    #expect(TerminalInfo.allowsUnicode(["LANG": "en_GB.UTF-8"]))
    #expect(TerminalInfo.allowsUnicode(["LANG": "C", "LC_ALL": "C.utf8"]))
    #expect(!TerminalInfo.allowsUnicode(["LANG": "en_GB.UTF-8", "LC_ALL": "C"]))
    #expect(!TerminalInfo.allowsUnicode(["LC_ALL": "", "LC_CTYPE": "POSIX", "LANG": "C.UTF-8"]))
    #expect(TerminalInfo.allowsUnicode([:]))
  }
}

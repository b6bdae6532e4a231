; The PATH of the user, with $INSTDIR in it or without. Strings of NSIS end at 1024 characters, and a PATH that went through one
; would be cut there: it is read, changed and written in memory of its own. What else is in it stays, as does its registry type.
;
; In: $R0 is "add" or "remove". Out: $R1 is "full" where Windows could not take a longer one, else "".
; An entry is ours whatever its capitals, with a \ at its end or within quotes; C:\program is not C:\program2.

!define HKCU_HANDLE -2147483647 ; 0x80000001 with its sign, as a handle of 64 bits has it
!define LONGEST_PATH 32760

!macro DefineUserPath UN
; Registers: $0 key, $1 result, $2 type, $3 bytes, $4 length, $5 text, $6 start of an entry, $7 its length,
; $8 and $9 start and length of what is compared, $R2 address, $R3 character, $R4 whether it changed. Lengths and starts count characters.
Function ${UN}UserPath
  StrCpy $R1 ""
  StrCpy $R4 ""
  System::Call 'advapi32::RegCreateKeyW(p ${HKCU_HANDLE}, w "Environment", *p .r0) i .r1'
  ${If} $1 != 0
    Return
  ${EndIf}
  StrCpy $2 2 ; REG_EXPAND_SZ, where there is none
  StrCpy $3 0
  System::Call 'advapi32::RegQueryValueExW(p r0, w "Path", p 0, *i .r2, p 0, *i .r3) i .r1'
  ${If} $1 = 2 ; ERROR_FILE_NOT_FOUND
    StrCpy $2 2
    StrCpy $3 0
  ${ElseIf} $1 != 0
    Goto close
  ${ElseIf} $2 != 1 ; REG_SZ
  ${AndIf} $2 != 2
    Goto close
  ${EndIf}
  IntOp $4 $3 + 4096 ; room for $INSTDIR, and for a zero that the registry may lack
  System::Alloc $4
  Pop $5
  ${If} $3 > 0
    System::Call 'advapi32::RegQueryValueExW(p r0, w "Path", p 0, p 0, p r5, *i r3) i .r1'
    ${If} $1 != 0
      Goto free
    ${EndIf}
  ${EndIf}

  StrCpy $6 0
  ${Do}
    System::Call 'kernel32::lstrlenW(p r5) i .r4'
    Call ${UN}ReadEntry
    StrCpy $R3 $INSTDIR
    System::Call 'kernel32::CompareStringOrdinal(p R2, i r9, w R3, i -1, i 1) i .r1'
    ${If} $1 = 2 ; CSTR_EQUAL
      ${If} $R0 == add
        Goto free
      ${EndIf}
      Call ${UN}CutEntry
      StrCpy $R4 changed
      ${If} $6 > $4
        ${Break}
      ${EndIf}
    ${Else}
      IntOp $6 $6 + $7
      IntOp $6 $6 + 1
      ${If} $6 > $4
        ${Break}
      ${EndIf}
    ${EndIf}
  ${Loop}

  ${If} $R0 == add
    StrLen $1 $INSTDIR
    IntOp $1 $1 + $4
    ${If} $1 > ${LONGEST_PATH}
      StrCpy $R1 full
      Goto free
    ${EndIf}
    ${If} $4 > 0
      IntOp $R2 $4 - 1
      Call ${UN}CharacterAt
      ${If} $R3 != 59 ; a semicolon
        System::Call 'kernel32::lstrcatW(p r5, w ";")'
      ${EndIf}
    ${EndIf}
    StrCpy $R3 $INSTDIR
    System::Call 'kernel32::lstrcatW(p r5, w R3)'
    StrCpy $R4 changed
  ${EndIf}

  ${If} $R4 == changed
    System::Call 'kernel32::lstrlenW(p r5) i .r4'
    ${If} $4 = 0
      System::Call 'advapi32::RegDeleteValueW(p r0, w "Path") i .r1'
    ${Else}
      IntOp $3 $4 + 1
      IntOp $3 $3 * 2
      System::Call 'advapi32::RegSetValueExW(p r0, w "Path", i 0, i r2, p r5, i r3) i .r1'
    ${EndIf}
  ${EndIf}
  free:
  System::Free $5
  close:
  System::Call 'advapi32::RegCloseKey(p r0)'
  ${If} $R4 == changed
    ; Explorer gives what it starts the new one from now on.
    SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
  ${EndIf}
FunctionEnd

; Of the entry at $6: its length in $7; in $R2 the address and in $9 the length of it without quotes and the \ at its end.
Function ${UN}ReadEntry
  StrCpy $8 $6
  IntOp $R2 $6 * 2
  IntPtrOp $R2 $5 + $R2
  System::Call 'shlwapi::StrCSpnW(p R2, w ";") i .r7'
  StrCpy $9 $7
  StrCpy $R2 $6
  Call ${UN}CharacterAt
  ${If} $R3 = 34 ; a quote
    IntOp $8 $8 + 1
    IntOp $9 $9 - 1
  ${EndIf}
  ${DoWhile} $9 > 0
    IntOp $R2 $8 + $9
    IntOp $R2 $R2 - 1
    Call ${UN}CharacterAt
    ${If} $R3 != 34
    ${AndIf} $R3 != 92 ; a backslash
      ${Break}
    ${EndIf}
    IntOp $9 $9 - 1
  ${Loop}
  IntOp $R2 $8 * 2
  IntPtrOp $R2 $5 + $R2
FunctionEnd

; The character at $R2 into $R3.
Function ${UN}CharacterAt
  IntOp $R3 $R2 * 2
  IntPtrOp $R3 $5 + $R3
  System::Call '*$R3(&i2 .s)'
  Pop $R3
FunctionEnd

; Takes out the entry at $6, $7 long, and one semicolon; $6 is then where the next one begins, $4 the new length.
Function ${UN}CutEntry
  StrCpy $8 $6
  ${If} $6 > 0
    IntOp $8 $6 - 1
  ${EndIf}
  IntOp $9 $6 + $7
  ${If} $6 = 0
  ${AndIf} $9 < $4
    IntOp $9 $9 + 1
  ${EndIf}
  IntOp $R3 $4 - $9
  IntOp $R3 $R3 + 1
  IntOp $R3 $R3 * 2
  IntOp $R2 $9 * 2
  IntPtrOp $R2 $5 + $R2
  IntOp $1 $8 * 2
  IntPtrOp $1 $5 + $1
  System::Call 'kernel32::RtlMoveMemory(p r1, p R2, p R3)'
  IntOp $9 $9 - $8
  IntOp $4 $4 - $9
  ; Before it the semicolon went, so that the next entry begins behind the one of where this began.
  ${If} $6 = 0
    ${If} $4 = 0
      StrCpy $6 1
    ${EndIf}
  ${Else}
    IntOp $6 $8 + 1
  ${EndIf}
FunctionEnd
!macroend

!insertmacro DefineUserPath ""
!insertmacro DefineUserPath "un."

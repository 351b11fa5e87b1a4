//! Which commands hold a password, and which do not.

// lockgate: ignore-file made-up passwords, in the forms that must be found

use super::super::tests::values;

#[test]
fn passwords_of_programs_are_found() {
    for text in [
        "sqlcmd -S db -U sa -P vhtqz7xk -Q 'select 1'",
        "sqlcmd -S db -U sa -P\"vhtqz7xk\"",
        "bcp app.dbo.t out t.txt -S db -U sa -P vhtqz7xk -c",
        "schtasks /create /tn a /tr b /ru bob /RP vhtqz7xk",
        "winexe -U 'corp/bob%vhtqz7xk' //host cmd",
        "smbclient //host/share -U bob%vhtqz7xk -c ls",
        "rpcclient -U bob%vhtqz7xk host",
        "htpasswd -b -c .htpasswd bob vhtqz7xk",
        "htpasswd -nbB bob vhtqz7xk",
        "zip -r -P vhtqz7xk out.zip dir",
        "unzip -P vhtqz7xk out.zip",
        "7z a -pvhtqz7xk out.7z dir",
        "7za x -pvhtqz7xk out.7z",
        "rclone obscure vhtqz7xk",
        "expect \"*assword:\"\nsend \"vhtqz7xk\\r\"",
        "expect {\n  \"Password:\" { send -- \"vhtqz7xk\\n\" }",
        "expect -c \"expect \\\"Password\\\"; send \\\"vhtqz7xk\\\\r\\\"\"",
    ] {
        assert_eq!(values("a.sh", text), ["vhtqz7xk"], "{text}");
    }
}

#[test]
fn commands_without_a_password_are_left_alone() {
    for text in [
        "sqlcmd -S db -U sa -P $SA_PASSWORD",
        "sqlcmd -S db -U sa -P \"${SA}\" -i a9z8x7.sql",
        "sqlcmd -S db -E -i a9z8x7.sql",
        "bcp app.dbo.t out t.txt -S db -T -c",
        "schtasks /create /tn a /tr b /ru SYSTEM",
        "schtasks /create /ru bob /rp %PW%",
        "schtasks /create /ru bob /rp password",
        "winexe -U corp/bob%$PW //host cmd",
        "smbclient -N //host/share",
        "smbclient -U bob //host/share",
        "htpasswd -c .htpasswd bob7x9q",
        "htpasswd -b .htpasswd bob $PW",
        "zip -r out.zip vhtqz7xk",
        "gzip -9 vhtqz7xk",
        "unzip -o out.zip",
        "7z a out.7z vhtqz7xk",
        "rclone obscure -",
        "rclone obscure $PW",
        "expect \"login:\"\nsend \"vhtqz7xk\\r\"",
        "expect \"Password:\"\nsend \"$pw\\r\"",
        "send \"vhtqz7xk\\r\"",
    ] {
        assert!(values("a.sh", text).is_empty(), "{text}");
    }
    let commands = "expect \"Password:\"\nsend \"vhtqz7xk\\r\"\nexpect \"$ \"\nsend \"k9tnyer0\\r\"";
    assert_eq!(values("a.sh", commands), ["vhtqz7xk"]);
}

#include "complete.h"

#include <stdio.h>
#include <string.h>

#include "commands.h"

static void print_commands(void)
{
    for (int i = 0; i < command_count; i++)
        printf("%s ", commands[i].name);
    printf("version complete");
}

static void print_options_of(unsigned bit)
{
    for (int i = 0; i < option_count; i++)
        if ((option_rows[i].commands & bit) != 0)
            printf("--%s ", option_rows[i].name);
    printf("--help");
}

static void print_bash(void)
{
    printf("_talus() {\n    local words\n    case ${COMP_WORDS[1]} in\n");
    for (int i = 0; i < command_count; i++) {
        printf("    %s) words='", commands[i].name);
        print_options_of(commands[i].bit);
        printf("' ;;\n");
    }
    printf("    esac\n    [ \"$COMP_CWORD\" -gt 1 ] || words='");
    print_commands();
    printf("'\n    COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\n"
           "complete -o default -o bashdefault -F _talus talus\n");
}

static void print_zsh(void)
{
    printf("#compdef talus\n_talus() {\n    if [ $CURRENT -eq 2 ]; then\n        compadd -- ");
    print_commands();
    printf(
        "\n        return\n    fi\n    if [[ $PREFIX != -* ]]; then\n        _files\n        return\n    fi\n"
        "    case $words[2] in\n");
    for (int i = 0; i < command_count; i++) {
        printf("    %s) compadd -- ", commands[i].name);
        print_options_of(commands[i].bit);
        printf(" ;;\n");
    }
    printf("    esac\n}\ncompdef _talus talus\n");
}

/* The sentence of a row, with quotes that fish reads. */
static void print_sentence(const option_row *row)
{
    talus_option info;
    const char *text = row->sentence;
    if (text == NULL && option_info(row, &info))
        text = info.sentence;
    for (; text != NULL && *text != '\0'; text++)
        printf(*text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
}

static void print_fish(void)
{
    printf("complete -c talus -n __fish_use_subcommand -f -a '");
    print_commands();
    printf("'\n");
    for (int i = 0; i < option_count; i++)
        for (int k = 0; k < command_count; k++)
            if ((option_rows[i].commands & commands[k].bit) != 0) {
                printf("complete -c talus -n '__fish_seen_subcommand_from %s' -l %s%s -d '", commands[k].name,
                       option_rows[i].name, option_rows[i].value == NULL ? "" : " -r");
                print_sentence(&option_rows[i]);
                printf("'\n");
            }
}

int print_completion(const char *shell)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].print();
            return 1;
        }
    fprintf(stderr, "talus: complete takes bash, zsh or fish, got \"%s\"\n", shell);
    return 0;
}
